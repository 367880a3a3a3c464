/** How well a card's own vectors fit a request in the same space. */
import type { Message } from '@amp-mesh/protocol'
import { cosine } from '../similarity.ts'
import type { HeldCard } from './held-card.ts'

/** The best cosine, 0 where there is none to compare. */
export function vectorFit(
  { space, data }: NonNullable<Message<'index_query'>['vector']>,
  vectors: HeldCard['vectors'],
): number {
  if (vectors?.space !== space) return 0
  const request = new Int8Array(data)
  const fits = vectors.rows.filter(row => row.length === request.length).map(row => cosine(request, row))
  return Math.max(0, ...fits)
}
