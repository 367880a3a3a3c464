/**
 * What a directory holds, in short: a tree of digests over its cards, sixteen ways at each level, so that two
 * directories find what they differ in without naming what they share.
 */
import { type AgentId, concat, equalBytes, sha256, u48, utf8, WIRE_LIMITS } from '@amp-mesh/protocol'

/** First 8 bytes of the hash of an agent's id, as hex: where its card stands in the tree. */
export type CardKey = string

/** Cards whose key begins with `under`: digests of the sixteen parts, or the cards if they are few; neither: none. */
export interface CardNode {
  readonly under: string
  /** 16 × 8 bytes; zeros for a part without cards. */
  readonly digests?: Uint8Array | undefined
  /** key(8) seq(6) of each card, in order of key. */
  readonly held?: Uint8Array | undefined
}

/** Which card of an agent somebody holds. */
export interface CardVersion {
  readonly key: CardKey
  readonly seq: number
}

const KEY = 8
const HELD = KEY + 6
const DIGEST = 8
const PARTS = [...'0123456789abcdef']
/** Levels whose digests are kept: 256 leaves, of 39 cards each in a full directory. */
const KEPT = 2

export class CardDigests {
  /** Sequences by key, in leaves by the first two digits. */
  readonly #leaves = new Map<string, Map<CardKey, number>>()
  readonly #digests = new Map<string, Uint8Array>()
  #size = 0

  get size(): number {
    return this.#size
  }

  set(agent: AgentId, seq: number): void {
    const key = cardKey(agent)
    const name = key.slice(0, KEPT)
    const leaf = this.#leaves.get(name) ?? new Map<CardKey, number>()
    if (!leaf.has(key)) this.#size++
    this.#leaves.set(name, leaf.set(key, seq))
    this.#changed(name)
  }

  delete(agent: AgentId): void {
    const key = cardKey(agent)
    const name = key.slice(0, KEPT)
    const leaf = this.#leaves.get(name)
    if (leaf?.delete(key) !== true) return
    this.#size--
    if (leaf.size === 0) this.#leaves.delete(name)
    this.#changed(name)
  }

  /** For whoever asks. `under`: foreign; what is no prefix of keys has no cards. The root is always digests. */
  node(under: string): CardNode {
    const cards = this.#under(under)
    if (cards.length === 0) return { under }
    if (under !== '' && cards.length <= WIRE_LIMITS.cardsInNode) return { under, held: heldBytes(cards) }
    const digests = new Uint8Array(PARTS.length * DIGEST)
    for (const [i, part] of PARTS.entries()) digests.set(this.#digest(under + part), i * DIGEST)
    return { under, digests }
  }

  /** What to ask next of somebody who answered so: parts that differ, and cards that are lacking or older here. */
  compare(nodes: readonly CardNode[]): { under: string[]; cards: CardVersion[] } {
    const under = nodes.flatMap(node => this.#differing(node))
    return { under, cards: nodes.flatMap(({ held }) => (held === undefined ? [] : this.#lacking(held))) }
  }

  #differing({ under, digests }: CardNode): string[] {
    if (digests === undefined) return []
    return PARTS.flatMap((part, i) => {
      const theirs = digests.subarray(i * DIGEST, (i + 1) * DIGEST)
      const isEmpty = theirs.every(byte => byte === 0)
      return isEmpty || equalBytes(theirs, this.#digest(under + part)) ? [] : [under + part]
    })
  }

  #lacking(held: Uint8Array): CardVersion[] {
    const lacking: CardVersion[] = []
    for (let at = 0; at + HELD <= held.length; at += HELD) {
      const key = hex(held.subarray(at, at + KEY))
      const seq = held.subarray(at + KEY, at + HELD).reduce((sum, byte) => sum * 256 + byte, 0)
      if ((this.#leaves.get(key.slice(0, KEPT))?.get(key) ?? -1) < seq) lacking.push({ key, seq })
    }
    return lacking
  }

  /** Of the kept levels over the digests below, of a deeper one over its cards; zeros where there are none. */
  #digest(under: string): Uint8Array {
    const known = this.#digests.get(under)
    if (known !== undefined) return known
    const below =
      under.length < KEPT ? concat(...PARTS.map(part => this.#digest(under + part))) : heldBytes(this.#under(under))
    const digest = below.every(byte => byte === 0) ? new Uint8Array(DIGEST) : sha256(below).slice(0, DIGEST)
    if (under.length <= KEPT) this.#digests.set(under, digest)
    return digest
  }

  #under(under: string): [CardKey, number][] {
    const leaves =
      under.length < KEPT
        ? [...this.#leaves].filter(([name]) => name.startsWith(under)).map(([, leaf]) => leaf)
        : [this.#leaves.get(under.slice(0, KEPT)) ?? []]
    return leaves
      .flatMap(leaf => [...leaf])
      .filter(([key]) => key.startsWith(under))
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }

  #changed(leaf: string): void {
    for (let length = 0; length <= KEPT; length++) this.#digests.delete(leaf.slice(0, length))
  }
}

export const cardKey = (agent: AgentId): CardKey => hex(sha256(utf8(agent)).subarray(0, KEY))

const heldBytes = (cards: readonly (readonly [CardKey, number])[]): Uint8Array =>
  concat(...cards.flatMap(([key, seq]) => [bytesOf(key), u48(seq)]))

const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

const bytesOf = (key: CardKey): Uint8Array =>
  Uint8Array.from({ length: KEY }, (_, i) => Number.parseInt(key.slice(2 * i, 2 * i + 2), 16))
