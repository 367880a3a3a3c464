/**
 * What a holder needs of a card to rank it: its words and one vector, in two kilobytes; always of the built-in
 * embedder, which all peers share. Holders know no statistics of the mesh, so the frozen word table stands in for them;
 * askers learn some from the holders' answers.
 */
import type { AgentCard } from '@amp-mesh/protocol'
import { FROZEN, saturated, type WordStatistics, weigh } from '../bm25.ts'
import { LexicalEmbedder } from '../lexical-embedder.ts'
import { passagesOf } from '../passages.ts'
import { fusionOf } from '../rank.ts'
import { keysOfCard, type StemUse, stemsOf, stemsOfCard } from '../word-keys.ts'

export interface Features {
  /** The stems it is published under, heaviest first. */
  readonly keys: readonly string[]
  /** Hashes of its stems, and how often each is used, in fifths. */
  readonly stems: Uint32Array
  readonly counts: Uint8Array
  /** Words that say something, repetitions counted. */
  readonly length: number
  readonly vector: Int8Array
  /** Its Euclidean length. */
  readonly norm: number
}

/** A request as a holder reads it. */
export interface Probe {
  readonly components: readonly (readonly [at: number, value: number])[]
  /** By hash of the stem: its inverse document frequency. */
  readonly stems: ReadonlyMap<number, number>
  /** The word score that no card exceeds. */
  readonly highest: number
  /** Words of a usual card. */
  readonly usualLength: number
}

const FIFTHS = 5

const embedder = new LexicalEmbedder()

/** `uses`, `vector`: stems and vector of the card, where they are known. */
export function featuresOf(
  card: AgentCard,
  uses: ReadonlyMap<string, StemUse> = stemsOfCard(card),
  vector: Int8Array = embedder.embedInt8(passagesOf(card)[0]?.text ?? ''),
): Features {
  const stems = new Uint32Array(uses.size)
  const counts = new Uint8Array(uses.size)
  let length = 0
  let at = 0
  for (const [stem, { count }] of uses) {
    stems[at] = stemHash(stem)
    counts[at] = Math.min(255, Math.max(1, Math.round(count * FIFTHS)))
    length += count
    at += 1
  }
  let square = 0
  for (let i = 0; i < vector.length; i++) square += (vector[i] as number) ** 2
  return { keys: keysOfCard(card, uses), stems, counts, length, vector, norm: Math.sqrt(square) }
}

/** `statistics`: of the mesh, as far as they are known. */
export function probeOf(text: string, statistics: WordStatistics = FROZEN): Probe {
  const vector = embedder.embedText(text)
  const components = [...vector.entries()].filter(([, value]) => value !== 0)
  return { components, ...weighedStems(stemsOf(text), statistics) }
}

/** The same request, other statistics. */
export const reweighed = (probe: Probe, request: ReadonlyMap<string, StemUse>, statistics: WordStatistics): Probe => ({
  components: probe.components,
  ...weighedStems(request, statistics),
})

/** How well a card fits, 0..1: what a search of an index with these statistics would say. */
export function fitOf({ components, stems, highest, usualLength }: Probe, card: Features): number {
  let product = 0
  for (const [at, value] of components) product += value * (card.vector[at] ?? 0)
  let words = 0
  for (let i = 0; i < card.stems.length; i++) {
    const value = stems.get(card.stems[i] ?? 0)
    if (value !== undefined) words += value * saturated((card.counts[i] ?? 0) / FIFTHS, card.length, usualLength)
  }
  return fusionOf({
    similarity: card.norm === 0 ? 0 : product / card.norm,
    words: highest === 0 ? 0 : words / highest,
  })
}

function weighedStems(request: ReadonlyMap<string, StemUse>, statistics: WordStatistics): Omit<Probe, 'components'> {
  const { values, highest, usualLength } = weigh(request, statistics)
  return { stems: new Map([...values].map(([stem, value]) => [stemHash(stem), value])), highest, usualLength }
}

/** FNV-1a with the finaliser of MurmurHash3: 32 bits; two stems of one request that collide only share a weight. */
export function stemHash(stem: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < stem.length; i++) hash = Math.imul(hash ^ stem.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
