/** Whether to offer: how well words fit, how long to wait, and when enough others are better. */
import { type Speaker, speakerKey, speakerOf } from '@amp-mesh/context'
import { cosine } from '@amp-mesh/discovery'
import {
  type Capability,
  type Embedder,
  type Offer,
  QUESTION_DEFAULTS,
  type Question,
  type Rec,
} from '@amp-mesh/protocol'

/**
 * Below this cosine no offer. Measured with the built-in embedder on 1,294 labelled requests against descriptions of
 * 14,302 capabilities: 82 % of the right descriptions reach it, 1.5 % of others drawn at random.
 */
const RELEVANT = 0.15
/** This cosine and above is full confidence: one right description in ten reaches it. */
const CERTAIN = 0.63
/** Part of the offer window over which offers spread: the surest speak at once; the rest of it is for travel. */
const SPREAD = 0.6

/** Confidence from the similarity of the question (alone, and with its goal) to capabilities and their examples. */
export async function offerBySimilarity(
  question: Question,
  capabilities: readonly Capability[],
  embedder: Embedder,
  signal?: AbortSignal,
): Promise<Offer | undefined> {
  const asked = [question.query, ...(question.goal === undefined ? [] : [`${question.query} ${question.goal}`])]
  const able = capabilities.flatMap(({ text, examples = [] }) => [text, ...examples].map(words => ({ text, words })))
  const vectors = await embedder.embed([...asked, ...able.map(({ words }) => words)], signal)
  let best = { similarity: 0, text: '' }
  for (const [i, { text }] of able.entries())
    for (const question of vectors.slice(0, asked.length)) {
      const similarity = cosine(question, vectors[asked.length + i] ?? question.map(() => 0))
      if (similarity > best.similarity) best = { similarity, text }
    }
  if (best.similarity < RELEVANT) return undefined
  return { confidence: Math.min(1, Math.round((best.similarity / CERTAIN) * 100) / 100), offer: best.text }
}

/** Age of the space, ms, at which to offer: the less sure wait and see who else does. */
export const offerDelay = (confidence: number, offerWindowMs: number): number =>
  (1 - Math.min(1, Math.max(0, confidence))) * SPREAD * offerWindowMs

/** True when enough others offered with more confidence. */
export function isOutbid(confidence: number, offers: readonly Rec<'capability_match'>[], self: Speaker): boolean {
  const better = offers.filter(
    offer => offer.op.confidence > confidence && speakerKey(speakerOf(offer)) !== speakerKey(self),
  )
  return better.length >= QUESTION_DEFAULTS.offers
}
