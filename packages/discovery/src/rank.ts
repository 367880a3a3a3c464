/** Which cards fit a request, and how well: similarity of vectors and of words, fused. Pure. */
import type { AgentCard } from '@amp-mesh/protocol'
import type { IndexedCard } from './card-index.ts'
import { type StemUse, stemsOf } from './word-keys.ts'

export interface Request {
  readonly text: string
  /** Unit vector (or all zeros) of the same space as the cards' vectors. */
  readonly vector: Float32Array
}

export interface Ranked {
  readonly card: AgentCard
  /** 0..1; falls, or stays, along the ranking. */
  readonly score: number
  /** The words of the best matching capability. */
  readonly capability: string
}

/** Constant of reciprocal rank fusion (DISCOVERY.md §1). */
const FUSION = 10
/** BM25: saturation of repetition, normalisation by length. */
const K1 = 1.2
const B = 0.75
/**
 * The frozen word table counts as this many cards of 30 words beside those at hand: two cards alone are no statistic.
 */
const PRIOR_CARDS = 50
const PRIOR_LENGTH = 30

/**
 * The cards that share anything with the request, best first. The order is the reciprocal rank fusion of best cosine
 * and word score; the score says how sure we are (see {@link confidenceOf}) and is lifted to that of any card ranked
 * below.
 */
export function rank(request: Request, cards: readonly IndexedCard[]): Ranked[] {
  const components = componentsOf(request.vector)
  const matches = cards.map(card => closestRow(components, card))
  const words = wordScores(stemsOf(request.text), cards)
  const fused = fuse([matches.map(({ similarity }) => similarity), words])
  const ranked: Ranked[] = []
  let lifted = 0
  for (const at of fused.toReversed()) {
    const indexed = cards[at]
    const match = matches[at]
    if (indexed === undefined || match === undefined) continue
    lifted = Math.max(lifted, confidenceOf(match.similarity, words[at] ?? 0))
    ranked.push({ card: indexed.card, score: lifted, capability: match.capability })
  }
  return ranked.reverse()
}

/**
 * How sure we are of a card with this cosine and this share of the best possible word score, 0..1, growing with both.
 * The curve follows the share of first places that were right, on the development requests of DISCOVERY.md.
 */
export function confidenceOf(similarity: number, words: number): number {
  const evidence = Math.max(0, (similarity + words) / 2)
  return 1 - Math.exp(-evidence / 0.3)
}

function closestRow(
  request: readonly Component[],
  { card, rows }: IndexedCard,
): { similarity: number; capability: string } {
  let similarity = 0
  let best: { similarity: number; capability: number } = { similarity: -1, capability: 0 }
  for (const row of rows) {
    const now = row.length === 0 ? 0 : product(request, row.vector) / row.length
    similarity = Math.max(similarity, now)
    if (row.capability !== undefined && now > best.similarity) best = { similarity: now, capability: row.capability }
  }
  return { similarity, capability: card.capabilities[best.capability]?.text ?? '' }
}

type Component = readonly [at: number, value: number]

/** A request of few words has few components, and the product runs over everything a directory holds. */
const componentsOf = (vector: Float32Array): Component[] => [...vector.entries()].filter(([, value]) => value !== 0)

function product(request: readonly Component[], row: Int8Array): number {
  let sum = 0
  for (const [at, value] of request) sum += value * (row[at] ?? 0)
  return sum
}

/** BM25 of each card as a share of the highest any card could reach, 0..1. */
function wordScores(request: ReadonlyMap<string, StemUse>, cards: readonly IndexedCard[]): number[] {
  const total = cards.length + PRIOR_CARDS
  const length = (cards.reduce((sum, card) => sum + card.length, 0) + PRIOR_CARDS * PRIOR_LENGTH) / total
  const scores = cards.map(() => 0)
  let highest = 0
  for (const [name, { rarity }] of request) {
    const holders = cards.reduce((sum, { stems }) => sum + (stems.has(name) ? 1 : 0), 0)
    const frequency = holders + PRIOR_CARDS * Math.exp(-rarity)
    const value = Math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
    highest += value * (K1 + 1)
    for (const [at, card] of cards.entries()) {
      const count = card.stems.get(name)?.count ?? 0
      if (count === 0) continue
      const saturated = (count * (K1 + 1)) / (count + K1 * (1 - B + (B * card.length) / length))
      scores[at] = (scores[at] ?? 0) + value * saturated
    }
  }
  return highest === 0 ? scores : scores.map(score => score / highest)
}

/** Positions with a score above 0 in any list, by reciprocal rank fusion; equals by position. */
function fuse(lists: readonly (readonly number[])[]): number[] {
  const fused = new Map<number, number>()
  for (const scores of lists) {
    const order = [...scores.keys()].filter(at => (scores[at] ?? 0) > 0)
    order.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)
    for (const [place, at] of order.entries()) fused.set(at, (fused.get(at) ?? 0) + 1 / (FUSION + place + 1))
  }
  return [...fused].sort(([i, a], [j, b]) => b - a || i - j).map(([at]) => at)
}
