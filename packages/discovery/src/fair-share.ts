/** Places for everybody: no publisher fills what was found with cards of his own while others fit too. */
import { type AgentCard, type AgentId, type PeerId, parseAgentId } from '@amp-mesh/protocol'
import type { Ranked } from './rank.ts'

/** The best of the cards that `accept` lets through, best first, at most `count`. */
export type SearchAmong = (count: number, accept: (card: AgentCard) => boolean) => Promise<readonly Ranked[]>

/** A publisher has one in so many places; more of his stand where others leave them free. */
const SHARE = 4

/** Up to `limit` cards, best first. Searches again, without those who have their share, while somebody had more. */
export async function fairShare(limit: number, search: SearchAmong): Promise<Ranked[]> {
  const share = Math.ceil(limit / SHARE)
  const places = new Map<PeerId, number>()
  const chosen = new Map<AgentId, Ranked>()
  const placesOf = (card: AgentCard) => places.get(parseAgentId(card.agent).peer) ?? 0
  const choose = (ranked: Ranked) => {
    chosen.set(ranked.card.agent, ranked)
    places.set(parseAgentId(ranked.card.agent).peer, placesOf(ranked.card) + 1)
  }
  const isOpen = (card: AgentCard) => !chosen.has(card.agent)
  for (let hadMore = true; hadMore && chosen.size < limit; ) {
    hadMore = false
    for (const ranked of await search(limit - chosen.size, card => isOpen(card) && placesOf(card) < share)) {
      if (placesOf(ranked.card) < share) choose(ranked)
      else hadMore = true
    }
  }
  const isGreedy = [...places.values()].some(count => count >= share)
  if (isGreedy && chosen.size < limit) for (const ranked of await search(limit - chosen.size, isOpen)) choose(ranked)
  return [...chosen.values()].sort((a, b) => b.score - a.score)
}
