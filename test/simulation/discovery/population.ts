/** The agents of a simulated mesh: cards with real features, whose bytes and signatures are only counted. */
import { type HeldCard, LexicalEmbedder, stemsOf } from '@amp-mesh/discovery'
import {
  type AgentCard,
  agentIdOf,
  canonicalBytes,
  PEER_LIMITS,
  type PeerId,
  type SignedCard,
} from '@amp-mesh/protocol'
import { type Features, featuresOf } from '../../../packages/discovery/src/dht/features.ts'
import { type StemUse, stemsOfCard } from '../../../packages/discovery/src/word-keys.ts'
import type { Described } from './recombination.ts'

/** What one agent is, whoever hosts it: peers come and go, their successors take its description over. */
export interface Agent {
  readonly name: string
  readonly features: Features
  /** Bytes of its signed card. */
  readonly bytes: number
  /** Its card as it is now; undefined while nobody hosts it. */
  card: HeldCard | undefined
}

/** A recombined description is not cut. */
const LONGEST = 512
const SIGNATURE = new Uint8Array(64)
/** Bodies are looked at by their length only. */
const NOTHING = new Uint8Array(16_384)
const ANY_PEER = `12D3KooW${'1'.repeat(44)}`
const MESH = 'A'.repeat(43)

/**
 * The agent that says this; `onRead` is told what was read of it on the way. A recombined description is read from what
 * is known of its parts: ten times faster, and the vector is nearly that of the whole (a test says how nearly).
 */
export function agentOf(
  described: Described,
  onRead: (features: Features, stems: ReadonlyMap<string, StemUse>) => void,
): Agent {
  const card = cardOf(described, ANY_PEER)
  const [read, stems] = described.sentences === undefined ? readWhole(card) : readParts(described, card)
  const features = kept(read)
  onRead(features, stems)
  return { name: nameOf(described.name), features, bytes: sizeOf(card), card: undefined }
}

/** Vectors of so many bytes share a buffer: a million buffers of their own would be a million to collect. */
const BLOCK = 2 ** 22
let block = new Int8Array()
let used = 0

/** The same, in less memory. */
function kept(features: Features): Features {
  const { length } = features.vector
  if (used + length > block.length) {
    block = new Int8Array(BLOCK)
    used = 0
  }
  const vector = block.subarray(used, used + length)
  vector.set(features.vector)
  used += length
  return { ...features, keys: features.keys.map(known), vector }
}

type Read = [features: Features, stems: ReadonlyMap<string, StemUse>]

function readWhole(card: AgentCard): Read {
  const stems = stemsOfCard(card)
  return [featuresOf(card, stems), stems]
}

interface Part {
  stems: ReadonlyMap<string, StemUse>
  /** Components of its unit vector, each slot with its value, times the weight of its words. */
  slots: Uint16Array
  values: Float32Array
}

const parts = new Map<string, Part>()
const embedder = new LexicalEmbedder()

function partOf(text: string): Part {
  const same = parts.get(text)
  if (same !== undefined) return same
  const stems = stemsOf(text)
  const weight = Math.sqrt([...stems.values()].reduce((sum, { weight, count }) => sum + count * weight ** 2, 0))
  const components = [...embedder.embedText(text).entries()].filter(([, value]) => value !== 0)
  const part = {
    stems,
    slots: Uint16Array.from(components, ([slot]) => slot),
    values: Float32Array.from(components, ([, value]) => value * weight),
  }
  parts.set(text, part)
  return part
}

const sums = new Float32Array(1_024)

function readParts({ name, sentences = [] }: Described, card: AgentCard): Read {
  const stems = new Map<string, StemUse>()
  sums.fill(0)
  for (const text of [nameOf(name), ...sentences]) {
    const part = partOf(text)
    for (const [i, slot] of part.slots.entries()) sums[slot] = (sums[slot] ?? 0) + (part.values[i] ?? 0)
    for (const [stem, use] of part.stems) {
      const before = stems.get(stem)
      stems.set(stem, before === undefined ? { ...use } : { ...before, count: before.count + use.count })
    }
  }
  return [featuresOf(card, stems, wholeNumbers(sums)), stems]
}

/** The direction, the largest at ±127; a loop, for it runs a million times. */
function wholeNumbers(sums: Float32Array): Int8Array {
  let largest = 0
  for (let i = 0; i < sums.length; i++) largest = Math.max(largest, Math.abs(sums[i] as number))
  const vector = new Int8Array(sums.length)
  for (let i = 0; i < sums.length; i++) vector[i] = Math.round(((sums[i] as number) / (largest || 1)) * 127)
  return vector
}

/** `n`: tells two of one name apart. */
export function cardAt({ name, features, bytes }: Agent, peer: PeerId, n: number, now: number): HeldCard {
  const body = NOTHING.subarray(0, bytes)
  return {
    agent: agentIdOf(peer, `${name.slice(0, 56)}-${n}`),
    publisher: peer,
    seq: now,
    expires: now + PEER_LIMITS.cardLifeMs,
    isOpen: true,
    signed: { body, signature: SIGNATURE },
    features,
  }
}

/** Finds the card again that was given as signed. */
export class Register {
  readonly #cards = new WeakMap<SignedCard, HeldCard>()

  note(card: HeldCard): HeldCard {
    this.#cards.set(card.signed, card)
    return card
  }

  read(signed: SignedCard, now: number): HeldCard | undefined {
    const card = this.#cards.get(signed)
    return card !== undefined && card.expires > now ? card : undefined
  }
}

function cardOf({ name, description }: Described, peer: PeerId): AgentCard {
  return {
    v: 1,
    mesh: MESH,
    agent: agentIdOf(peer, nameOf(name)),
    capabilities: [{ text: description.slice(0, LONGEST) }],
    operator: 'simulation',
    model: 'none',
    state: 'ready',
    addresses: [`/ip4/192.0.2.1/tcp/4100/ws/p2p/${peer}`],
    seq: 1,
    issued: 1,
    expires: 2,
  }
}

const nameOf = (name: string) =>
  name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'x'

/** The text around a description is alike in all cards. */
const FRAME = canonicalBytes(cardOf({ name: 'x', description: 'x' }, ANY_PEER)).length + 24
const sizeOf = ({ agent, capabilities }: AgentCard) =>
  FRAME + agent.length - ANY_PEER.length + (capabilities[0]?.text.length ?? 0)

const stems = new Map<string, string>()

/** One string for each stem: a million cards have the same few thousand. */
function known(stem: string): string {
  const same = stems.get(stem)
  if (same !== undefined) return same
  stems.set(stem, stem)
  return stem
}
