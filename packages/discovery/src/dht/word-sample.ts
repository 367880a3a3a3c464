/**
 * What a holder's cards tell of how frequent words are. Which keys a holder has is chance, so its cards are a sample of
 * the mesh's; a request's asker puts several together (mesh-words.ts).
 */
import { DISCOVERY_LIMITS, type Message, WIRE_LIMITS } from '@amp-mesh/protocol'
import { stemsOf } from '../word-keys.ts'
import type { Bucket } from './bucket.ts'
import { type Features, stemHash } from './features.ts'

export type WordCounts = NonNullable<Message<'index_cards'>['words']>

/** Cards of a sample, and of one bucket at most: those under one word say more than that alike. */
const CARDS = 2_048
const CARDS_OF_BUCKET = 512
/** A sample serves this long, ms: to draw it takes some milliseconds. */
const FRESH_MS = 10_000

interface Sampled {
  /** The key it is kept under. */
  readonly key: string
  readonly features: Features
}

export class WordSample {
  #sample: readonly Sampled[] = []
  #until = 0

  /**
   * How many of the holder's cards say the words of a request, and have them among their keys; those kept under one of
   * these words left out, for they all say it.
   */
  count(text: string, buckets: ReadonlyMap<string, Bucket>, now: number): WordCounts {
    if (now >= this.#until) {
      this.#sample = sampleOf(buckets, now)
      this.#until = now + FRESH_MS
    }
    const stems = requestStems(text)
    const places = new Map(stems.map((stem, at) => [stem, at]))
    const placesOfHashes = new Map(stems.map((stem, at) => [stemHash(stem), at]))
    const saying = new Float64Array(stems.length)
    const under = new Float64Array(stems.length)
    let [cards, words] = [0, 0]
    for (const { key, features } of this.#sample) {
      if (places.has(key)) continue
      const said = placesAmong(placesOfHashes, features.stems)
      const asked = said.length === 0 ? [] : placesAmong(places, features.keys)
      // a card is met under those of its keys that were not asked for: of few such, less often
      const weight = DISCOVERY_LIMITS.keysPerCard / Math.max(1, features.keys.length - asked.length)
      cards += weight
      words += features.length * weight
      for (const at of said) saying[at] = (saying[at] as number) + weight
      for (const at of asked) under[at] = (under[at] as number) + weight
    }
    return {
      cards: Math.round(cards),
      words: Math.round(words),
      saying: [...saying].map(Math.round),
      under: [...under].map(Math.round),
    }
  }
}

/** The stems that are counted, in this order. */
export const requestStems = (text: string): string[] => [...stemsOf(text).keys()].slice(0, WIRE_LIMITS.wordsInAnswer)

function placesAmong<T>(places: ReadonlyMap<T, number>, items: Iterable<T>): number[] {
  const found: number[] = []
  for (const item of items) {
    const at = places.get(item)
    if (at !== undefined) found.push(at)
  }
  return found
}

/** Evenly from all buckets. */
function sampleOf(buckets: ReadonlyMap<string, Bucket>, now: number): Sampled[] {
  let entries = 0
  for (const { size } of buckets.values()) entries += Math.min(size, CARDS_OF_BUCKET)
  const step = Math.max(1, entries / CARDS)
  const sample: Sampled[] = []
  let next = 0
  for (const [key, bucket] of buckets) {
    const cards = bucket.cards(now)
    const count = Math.min(cards.length, CARDS_OF_BUCKET)
    for (; next < count; next += step) {
      const card = cards[Math.floor((next * cards.length) / count)]
      if (card !== undefined) sample.push({ key, features: card.features })
    }
    next -= count
  }
  return sample
}
