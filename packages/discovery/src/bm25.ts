/** BM25: how well words of a card fit those of a request. What index, holders and askers share. */
import type { StemUse } from './word-keys.ts'

/** How frequent words are among some cards. */
export interface WordStatistics {
  readonly cards: number
  /** Words of all these cards together that say something, repetitions counted. */
  readonly words: number
  /** Cards that say the stem. `rarity`: what the frozen table says of it. */
  cardsWith(stem: string, rarity: number): number
}

/** A request whose words are weighed. */
export interface WeighedWords {
  /** By stem: its inverse document frequency. */
  readonly values: ReadonlyMap<string, number>
  /** The score that no card exceeds. */
  readonly highest: number
  /** Words of a usual card. */
  readonly usualLength: number
}

/** Saturation of repetition, normalisation by length. Cards are short and about as long as one another. */
const K1 = 0.9
const B = 0.4
/**
 * The frozen word table counts as this many cards of 30 words beside those at hand: two cards alone are no statistic.
 */
const PRIOR_CARDS = 50
const PRIOR_LENGTH = 30

export function weigh(request: ReadonlyMap<string, StemUse>, statistics: WordStatistics): WeighedWords {
  const total = statistics.cards + PRIOR_CARDS
  const values = new Map<string, number>()
  let highest = 0
  for (const [stem, { rarity }] of request) {
    const frequency = statistics.cardsWith(stem, rarity) + PRIOR_CARDS * Math.exp(-rarity)
    const value = Math.log(1 + Math.max(0, total - frequency + 0.5) / (frequency + 0.5))
    values.set(stem, value)
    highest += value * (K1 + 1)
  }
  return { values, highest, usualLength: (statistics.words + PRIOR_CARDS * PRIOR_LENGTH) / total }
}

/** The part of a score that depends on the card: of a word of value 1, said `count` times among `length` words. */
export const saturated = (count: number, length: number, usualLength: number): number =>
  (count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / usualLength))

/** What the frozen table says of a mesh of which nothing is known. */
export const FROZEN: WordStatistics = {
  cards: 14_302,
  words: 14_302 * PRIOR_LENGTH,
  cardsWith: (_stem, rarity) => 14_302 * Math.exp(-rarity),
}
