/** How evidence becomes an order and a confidence: similarity of vectors and of words in one number. Pure. */
import type { AgentCard } from '@amp-mesh/protocol'

export interface Request {
  readonly text: string
  /** Unit vector (or all zeros) of the same space as the cards' vectors. */
  readonly vector: Float32Array
}

/** What speaks for a card. */
export interface Evidence {
  /** Cosine of the request and the closest passage of the card, -1..1. */
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

/** What similarity weighs beside words: a word score of .2 is as rare as a cosine of .45. */
const SIMILARITY_SHARE = 0.3
/** Evidence at which 63 % of first places are right. */
const USUAL_EVIDENCE = 0.27

/** Those with any evidence, best first; equals stay as they come. */
export function rank<T extends Evidence>(candidates: readonly T[]): (T & { score: number })[] {
  return candidates
    .map(candidate => ({ ...candidate, score: confidenceOf(candidate) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
}

/**
 * How sure we are of a card with this evidence, 0..1, growing with both kinds: of a hundred requests whose best card
 * has confidence c, that card is a right answer in about 100 c. Fitted and tested on different sources
 * (`npm run bench -- discovery`); it depends on nothing but the card and how rare the request's words are among the
 * cards at hand, so candidates from several searches compare.
 */
export const confidenceOf = (evidence: Evidence): number => 1 - Math.exp(-fusionOf(evidence) / USUAL_EVIDENCE)

/** The similarity at which a card with these words reaches a fusion. */
export const similarityFor = (fusion: number, words: number): number =>
  (fusion - (1 - SIMILARITY_SHARE) * words) / SIMILARITY_SHARE

/** Both kinds of evidence in one number, 0..1. */
export const fusionOf = ({ similarity, words }: Evidence): number =>
  SIMILARITY_SHARE * Math.max(0, similarity) + (1 - SIMILARITY_SHARE) * words
