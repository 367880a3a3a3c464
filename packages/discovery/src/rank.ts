/** How evidence becomes an order and a confidence: similarity of vectors and of words, fused. Pure. */
import type { AgentCard } from '@amp-mesh/protocol'

export interface Request {
  readonly text: string
  /** Unit vector (or all zeros) of the same space as the cards' vectors. */
  readonly vector: Float32Array
}

/** What speaks for a card. */
export interface Evidence {
  /** Cosine of the request and the closest passage of the card, 0..1. */
  readonly similarity: number
  /** Word score as a share of the best possible one, 0..1. */
  readonly words: number
}

export interface Ranked extends Evidence {
  readonly card: AgentCard
  /** 0..1, see {@link confidenceOf}; falls, or stays, along the ranking. */
  readonly score: number
  /** The words of the best matching capability. */
  readonly capability: string
}

/** Constant of reciprocal rank fusion (DISCOVERY.md §1). */
const FUSION = 10

/**
 * Those with any evidence, best first. The order is the reciprocal rank fusion of similarity and word score; the score
 * says how sure we are and is lifted to that of any below. Equals stay as they come.
 */
export function rank<T extends Evidence>(candidates: readonly T[]): (T & { score: number })[] {
  const fused = fuse([candidates.map(({ similarity }) => similarity), candidates.map(({ words }) => words)])
  const ranked: (T & { score: number })[] = []
  let lifted = 0
  for (const at of fused.toReversed()) {
    const candidate = candidates[at]
    if (candidate === undefined) continue
    lifted = Math.max(lifted, confidenceOf(candidate))
    ranked.push({ ...candidate, score: lifted })
  }
  return ranked.reverse()
}

/**
 * How sure we are of a card with this evidence, 0..1, growing with both kinds. The curve follows the share of first
 * places that were right, on the development requests of DISCOVERY.md.
 */
export function confidenceOf({ similarity, words }: Evidence): number {
  const evidence = Math.max(0, (similarity + words) / 2)
  return 1 - Math.exp(-evidence / 0.3)
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
