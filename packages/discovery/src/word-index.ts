/** The inverted index: which cards hold a stem, and how well the words of a request fit each of them (BM25). */
import type { StemUse } from './word-keys.ts'

/** BM25: saturation of repetition, normalisation by length. */
const K1 = 1.2
const B = 0.75
/**
 * The frozen word table counts as this many cards of 30 words beside those at hand: two cards alone are no statistic.
 */
const PRIOR_CARDS = 50
const PRIOR_LENGTH = 30

export type StemUses = ReadonlyMap<string, Pick<StemUse, 'count'>>

export class WordIndex {
  readonly #postings = new Map<string, Posting>()
  /** Words of each card that say something, repetitions counted; undefined: a number that is free. */
  readonly #lengths: (number | undefined)[] = []
  #cards = 0
  #words = 0

  /** `card`: a small whole number not in use. */
  add(card: number, stems: StemUses): void {
    let length = 0
    for (const [stem, { count }] of stems) {
      length += count
      let posting = this.#postings.get(stem)
      if (posting === undefined) {
        posting = new Posting()
        this.#postings.set(stem, posting)
      }
      posting.add(card, count)
    }
    this.#lengths[card] = length
    this.#cards++
    this.#words += length
  }

  /** `stems`: the same as when it was added. */
  remove(card: number, stems: StemUses): void {
    for (const stem of stems.keys()) {
      const posting = this.#postings.get(stem)
      posting?.remove(card)
      if (posting?.size === 0) this.#postings.delete(stem)
    }
    this.#cards--
    this.#words -= this.#lengths[card] ?? 0
    this.#lengths[card] = undefined
  }

  /** For each card number the BM25 score as a share of the highest that any card could reach, 0..1. */
  scores(request: ReadonlyMap<string, StemUse>): Float32Array {
    const scores = new Float32Array(this.#lengths.length)
    const total = this.#cards + PRIOR_CARDS
    const usual = (this.#words + PRIOR_CARDS * PRIOR_LENGTH) / total
    let highest = 0
    for (const [stem, { rarity }] of request) {
      const posting = this.#postings.get(stem)
      const frequency = (posting?.size ?? 0) + PRIOR_CARDS * Math.exp(-rarity)
      const value = Math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
      highest += value * (K1 + 1)
      posting?.forEach((card, count) => {
        const norm = K1 * (1 - B + (B * (this.#lengths[card] ?? 0)) / usual)
        scores[card] = (scores[card] ?? 0) + (value * count * (K1 + 1)) / (count + norm)
      })
    }
    return highest === 0 ? scores : scores.map(score => score / highest)
  }
}

/** The cards that hold one stem, by number, with how often. */
class Posting {
  size = 0
  #cards = new Uint32Array(2)
  #counts = new Float32Array(2)

  add(card: number, count: number): void {
    if (this.size === this.#cards.length) this.#grow()
    const at = this.#find(card)
    this.#cards.copyWithin(at + 1, at, this.size)
    this.#counts.copyWithin(at + 1, at, this.size)
    this.#cards[at] = card
    this.#counts[at] = count
    this.size++
  }

  remove(card: number): void {
    const at = this.#find(card)
    if (this.#cards[at] !== card || at >= this.size) return
    this.#cards.copyWithin(at, at + 1, this.size)
    this.#counts.copyWithin(at, at + 1, this.size)
    this.size--
  }

  forEach(action: (card: number, count: number) => void): void {
    for (let at = 0; at < this.size; at++) action(this.#cards[at] ?? 0, this.#counts[at] ?? 0)
  }

  /** Where `card` is, or would be. */
  #find(card: number): number {
    let [from, to] = [0, this.size]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#cards[middle] ?? 0) < card) from = middle + 1
      else to = middle
    }
    return from
  }

  #grow(): void {
    const [cards, counts] = [this.#cards, this.#counts]
    this.#cards = new Uint32Array(2 * cards.length)
    this.#counts = new Float32Array(2 * counts.length)
    this.#cards.set(cards)
    this.#counts.set(counts)
  }
}
