/** The inverted index: which cards hold a stem, and how well the words of a request fit each of them (BM25). */
import type { StemUse } from './word-keys.ts'

/** BM25: saturation of repetition, normalisation by length. Cards are short and about as long as one another. */
const K1 = 0.9
const B = 0.4
/**
 * The frozen word table counts as this many cards of 30 words beside those at hand: two cards alone are no statistic.
 */
const PRIOR_CARDS = 50
const PRIOR_LENGTH = 30

export type StemUses = ReadonlyMap<string, Pick<StemUse, 'count'>>

export class WordIndex {
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
      posting?.score(scores, this.#lengths, value, usual)
    }
    if (highest > 0) for (let card = 0; card < scores.length; card++) scores[card] = (scores[card] ?? 0) / highest
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
      const norm = K1 * (1 - B + (B * (lengths[card] ?? 0)) / usual)
      scores[card] = (scores[card] ?? 0) + (value * count * (K1 + 1)) / (count + norm)
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
