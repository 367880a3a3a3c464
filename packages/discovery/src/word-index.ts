/** The inverted index: which cards hold a stem, and how well the words of a request fit each of them (BM25). */
import { saturated, type WordStatistics, weigh } from './bm25.ts'
import type { StemUse } from './word-keys.ts'

export type StemUses = ReadonlyMap<string, Pick<StemUse, 'count'>>

export class WordIndex implements WordStatistics {
  readonly #postings = new Map<string, Posting>()
  /** Words of each card that say something, repetitions counted, by its number. */
  #lengths: Float32Array = new Float32Array(64)
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
    if (card >= this.#lengths.length) this.#lengths = enlarged(this.#lengths, 2 * card)
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
    this.#lengths[card] = 0
  }

  get cards(): number {
    return this.#cards
  }

  get words(): number {
    return this.#words
  }

  cardsWith(stem: string): number {
    return this.#postings.get(stem)?.size ?? 0
  }

  /**
   * For each card number the BM25 score as a share of the highest that any card could reach, 0..1. `statistics`: of
   * more cards than those at hand, where they are known.
   */
  scores(request: ReadonlyMap<string, StemUse>, statistics: WordStatistics = this): Float32Array {
    const scores = new Float32Array(this.#lengths.length)
    const { values, highest, usualLength } = weigh(request, statistics)
    for (const [stem, value] of values)
      this.#postings.get(stem)?.score(scores, this.#lengths, value / highest, usualLength)
    return scores
  }
}

/** The cards that hold one stem, by number, with how often. */
class Posting {
  size = 0
  #cards = new Uint32Array(2)
  #counts: Float32Array = new Float32Array(2)

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

  /** Adds the BM25 score of this stem, of this value, to those of its cards. `usual`: words of a card. */
  score(scores: Float32Array, lengths: Float32Array, value: number, usual: number): void {
    for (let at = 0; at < this.size; at++) {
      const card = this.#cards[at] ?? 0
      const count = this.#counts[at] ?? 0
      scores[card] = (scores[card] ?? 0) + value * saturated(count, lengths[card] ?? 0, usual)
    }
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
    const cards = new Uint32Array(2 * this.size)
    cards.set(this.#cards)
    this.#cards = cards
    this.#counts = enlarged(this.#counts, 2 * this.size)
  }
}

function enlarged(numbers: Float32Array, length: number): Float32Array {
  const more = new Float32Array(length)
  more.set(numbers)
  return more
}
