/** How frequent a request's words are in the whole mesh, as far as the holders that were asked could tell. */
import type { WordStatistics } from '../bm25.ts'
import type { StemUse } from '../word-keys.ts'
import type { WordCounts } from './word-sample.ts'

interface Counted {
  /** Cards of the samples, those that say the stem, and those that are published under it. */
  cards: number
  saying: number
  under: number
}

/** What one holder tells counts as at most so many cards, whatever it claims. */
const MOST_CARDS = 2_048
/** The frozen table counts as so many cards of the sample, each of so many words. */
const PRIOR = 5
const PRIOR_LENGTH = 30
/** A word that no card of the samples says is taken for so many: those who ask know of it. */
const UNSEEN = 0.7
/** The sample counts beside so many cards that are under a word, and as many more that only say it as is usual. */
const USUAL_CARDS = 10
/** Of the cards that say a word the share that is published under it, by the word's weight: as seen in the dev data. */
const USUALLY_UNDER = { base: 0.2, byWeight: 0.75 }
/** A word that holders were asked for, none of which knows a card under it or met one that says it. */
const NOBODY = 0
/** How often as many cards as in the samples, or as few, a key's size may speak of: from one holder, from several. */
const SLACK = 3
const SLACK_OF_SEVERAL = 9
/** Sizes within this factor of one another say the same. */
const SAME_SIZE = 1.5

export class MeshWords implements WordStatistics {
  readonly #stems: ReadonlyMap<string, StemUse>
  readonly #counted = new Map<string, Counted>()
  /** Of each key that was asked for: what its holders said its size was. */
  readonly #sizes = new Map<string, number[]>()
  /** Keys that some holder answered for. */
  readonly #heard = new Set<string>()
  #sampled = 0
  #sampledWords = 0
  #found = 0

  /** `stems`: the request's. */
  constructor(stems: ReadonlyMap<string, StemUse>) {
    this.#stems = stems
  }

  /** What a holder of `key` answered. */
  hear(key: string, size: number, words: WordCounts | undefined): void {
    // whoever knows of no card may be new, or deny
    this.#heard.add(key)
    if (size > 0) this.#sizes.set(key, [...(this.#sizes.get(key) ?? []), size])
    if (words === undefined || words.cards === 0) return
    const scale = Math.min(1, MOST_CARDS / words.cards)
    this.#sampled += words.cards * scale
    this.#sampledWords += words.words * scale
    let i = 0
    for (const stem of this.#stems.keys()) {
      const [saying, under] = [words.saying[i], words.under[i]]
      i += 1
      if (saying === undefined || under === undefined) return
      const counted = this.#counted.get(stem) ?? { cards: 0, saying: 0, under: 0 }
      this.#counted.set(stem, {
        cards: counted.cards + words.cards * scale,
        saying: counted.saying + Math.min(saying, words.cards) * scale,
        under: counted.under + Math.min(under, saying, words.cards) * scale,
      })
    }
  }

  /** Cards that were found: there are at least as many. */
  found(cards: number): void {
    this.#found = Math.max(this.#found, cards)
  }

  /** From the sizes of the keys, and what share of the sample is under each. */
  get cards(): number {
    let [total, shares] = [0, 0]
    for (const [key, sizes] of this.#sizes) {
      const use = this.#stems.get(key)
      if (use === undefined) continue
      const { cards, under } = this.#of(key)
      total += geometricMean(sizes)
      shares += (under + PRIOR * Math.exp(-use.rarity)) / (cards + PRIOR)
    }
    return Math.max(this.#found, shares === 0 ? 0 : total / shares)
  }

  get words(): number {
    return (this.cards * (this.#sampledWords + PRIOR * PRIOR_LENGTH)) / (this.#sampled + PRIOR)
  }

  /**
   * Of words that were not asked for: their share of the samples. Of a key with cards: its size, and how many say it
   * without being under it, as far as the samples bear that out; its holder may have come just now, or boast.
   */
  cardsWith(stem: string, rarity: number): number {
    const { cards, saying, under } = this.#of(stem)
    const each = this.cards / (cards + PRIOR)
    const sizes = this.#sizes.get(stem)
    if (sizes === undefined && saying === 0 && this.#heard.has(stem)) return NOBODY
    if (sizes === undefined) return each * Math.max(UNSEEN, saying + PRIOR * Math.exp(-rarity))
    const size = nearest(sizes, each * (under + UNSEEN))
    const { base, byWeight } = USUALLY_UNDER
    const usual = USUAL_CARDS / (base + byWeight * (this.#stems.get(stem)?.weight ?? 1))
    const bySize = (size * (saying + usual)) / (under + USUAL_CARDS)
    const slack = sizes.filter(other => isLike(other, size)).length > 1 ? SLACK_OF_SEVERAL : SLACK
    return Math.min(Math.max(bySize, (each * saying) / slack), each * (saying + 1) * slack)
  }

  #of(stem: string): Counted {
    return this.#counted.get(stem) ?? { cards: 0, saying: 0, under: 0 }
  }
}

/** Neither the boaster nor the denier has the last word. */
const geometricMean = (sizes: readonly number[]): number =>
  Math.exp(sizes.reduce((sum, size) => sum + Math.log(size), 0) / sizes.length)

const nearest = (sizes: readonly number[], guess: number): number =>
  sizes.reduce((best, size) => (distance(size, guess) < distance(best, guess) ? size : best))

const isLike = (a: number, b: number): boolean => distance(a, b) <= Math.log(SAME_SIZE)

const distance = (a: number, b: number): number => Math.abs(Math.log(a / b))
