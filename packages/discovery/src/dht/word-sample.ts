/**
 * What a holder's cards tell of how frequent words are. Which keys a holder has is chance, so its cards are a sample of
 * the mesh's; a request's asker puts several together (mesh-words.ts).
 */
import { DISCOVERY_LIMITS, type Message, WIRE_LIMITS } from '@amp-mesh/protocol'
import { stemsOf } from '../word-keys.ts'
import type { Bucket } from './bucket.ts'
import { stemHash } from './features.ts'
import type { HeldCard } from './held-card.ts'

export type WordCounts = NonNullable<Message<'index_cards'>['words']>

/** Cards counted, and of one bucket at most: those under one word say more than that alike. */
const CARDS = 2_048
const CARDS_OF_BUCKET = 512
/** A sample serves this long, ms: to count it takes some milliseconds. */
const FRESH_MS = 10_000

export class WordSample {
  #byKey: ReadonlyMap<string, readonly HeldCard[]> = new Map()
  #tally = new Tally([])
  #until = 0

  /**
   * How many of the holder's cards say the words of a request, and have them among their keys; those kept under one of
   * these words left out, for they all say it.
   */
  count(text: string, buckets: ReadonlyMap<string, Bucket>, now: number): WordCounts {
    if (now >= this.#until) {
      this.#byKey = sampleOf(buckets, now)
      this.#tally = new Tally([...this.#byKey.values()].flat())
      this.#until = now + FRESH_MS
    }
    const words = requestStems(text)
    const out = new Tally(words.flatMap(word => this.#byKey.get(word) ?? []))
    const left = (of: (tally: Tally) => number | undefined) =>
      Math.max(0, Math.round((of(this.#tally) ?? 0) - (of(out) ?? 0)))
    const stems = words.map(stemHash)
    return {
      cards: left(({ cards }) => cards),
      words: left(({ words }) => words),
      saying: stems.map(stem => left(({ saying }) => saying.get(stem))),
      under: stems.map(stem => left(({ under }) => under.get(stem))),
    }
  }
}

/** Cards counted, and by hash of a stem those that say it and those that are published under it. */
class Tally {
  cards = 0
  words = 0
  readonly saying = new Map<number, number>()
  readonly under = new Map<number, number>()

  constructor(sample: readonly HeldCard[]) {
    for (const { features } of sample) {
      // a card of few keys is less often met
      const weight = DISCOVERY_LIMITS.keysPerCard / Math.max(1, features.keys.length)
      this.cards += weight
      this.words += features.length * weight
      for (const stem of features.stems) this.saying.set(stem, (this.saying.get(stem) ?? 0) + weight)
      for (const key of features.keys) {
        const stem = stemHash(key)
        this.under.set(stem, (this.under.get(stem) ?? 0) + weight)
      }
    }
  }
}

/** The stems that are counted, in this order. */
export const requestStems = (text: string): string[] => [...stemsOf(text).keys()].slice(0, WIRE_LIMITS.wordsInAnswer)

/** Evenly from all buckets. */
function sampleOf(buckets: ReadonlyMap<string, Bucket>, now: number): ReadonlyMap<string, readonly HeldCard[]> {
  let entries = 0
  for (const { size } of buckets.values()) entries += Math.min(size, CARDS_OF_BUCKET)
  const step = Math.max(1, entries / CARDS)
  const sample = new Map<string, HeldCard[]>()
  let next = 0
  for (const [key, bucket] of buckets) {
    const cards = bucket.cards(now)
    const count = Math.min(cards.length, CARDS_OF_BUCKET)
    const chosen: HeldCard[] = []
    for (; next < count; next += step) {
      const card = cards[Math.floor((next * cards.length) / count)]
      if (card !== undefined) chosen.push(card)
    }
    next -= count
    sample.set(key, chosen)
  }
  return sample
}
