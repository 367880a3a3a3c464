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

/** Cards counted: eight holders' tell apart what one card in a thousand says, in a fifth of a millisecond each. */
const CARDS = 512
/** A sample serves this long, ms. */
const FRESH_MS = 10_000

export class WordSample {
  #cards: readonly (readonly [key: string, card: HeldCard])[] = []
  #until = 0

  /**
   * How many of the holder's cards say the words of a request, and have them among their keys; those under `asked` left
   * out, for they all say it.
   */
  count(asked: string, text: string, buckets: ReadonlyMap<string, Bucket>, now: number): WordCounts {
    if (now >= this.#until) {
      this.#cards = sampleOf(buckets, now)
      this.#until = now + FRESH_MS
    }
    const stems = requestStems(text)
    const at = new Map(stems.map((stem, i) => [stemHash(stem), i]))
    const counts = { cards: 0, words: 0, saying: stems.map(() => 0), under: stems.map(() => 0) }
    for (const [key, { features }] of this.#cards) {
      if (key === asked) continue
      // a card of few keys is less often met
      const weight = DISCOVERY_LIMITS.keysPerCard / Math.max(1, features.keys.length)
      counts.cards += weight
      counts.words += features.length * weight
      for (const stem of features.stems) {
        const i = at.get(stem)
        if (i === undefined) continue
        counts.saying[i] = (counts.saying[i] ?? 0) + weight
        if (features.keys.includes(stems[i] ?? '')) counts.under[i] = (counts.under[i] ?? 0) + weight
      }
    }
    return {
      cards: Math.round(counts.cards),
      words: Math.round(counts.words),
      saying: counts.saying.map(Math.round),
      under: counts.under.map(Math.round),
    }
  }
}

/** The stems that are counted, in this order. */
export const requestStems = (text: string): string[] => [...stemsOf(text).keys()].slice(0, WIRE_LIMITS.wordsInAnswer)

/** Evenly from all buckets, each as often as it was offered cards: those that a full one keeps stand for the others. */
function sampleOf(buckets: ReadonlyMap<string, Bucket>, now: number): (readonly [string, HeldCard])[] {
  let offered = 0
  for (const bucket of buckets.values()) offered += bucket.total(now)
  const step = Math.max(1, offered / CARDS)
  const sample: (readonly [string, HeldCard])[] = []
  let next = 0
  for (const [key, bucket] of buckets) {
    const cards = bucket.cards(now)
    const total = bucket.total(now)
    for (; next < total; next += step) {
      const card = cards[Math.floor((next * cards.length) / total)]
      if (card !== undefined) sample.push([key, card])
    }
    next -= total
  }
  return sample
}
