/** Decisions about cards on the gossip topics: what travels on, and when our own cards are issued (again). Pure. */
import {
  type AgentCard,
  canonicalBytes,
  equalBytes,
  PEER_LIMITS,
  type SignedCard,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import type { PutResult } from './directory.ts'

/**
 * What gossipsub is told of a message by what became of its cards: `accept` lets it travel on, `reject` costs the
 * sender score. One that is refused condemns them all, one that is news lets them travel on.
 */
export function verdictOf(results: readonly PutResult[]): 'accept' | 'ignore' | 'reject' {
  if (results.includes('refused')) return 'reject'
  return results.some(result => result === 'new' || result === 'newer') ? 'accept' : 'ignore'
}

/** Bytes of a card beside its body, and of a message beside its cards: a signature and names; never more. */
const CARD_ENVELOPE = 128

/** Cards as messages of gossip carry them: as many together as fit, for to pass on a message costs more than a card. */
export function inMessages(cards: readonly SignedCard[]): SignedCard[][] {
  const messages: SignedCard[][] = []
  let bytes = 0
  for (const card of cards) {
    bytes += card.body.length + CARD_ENVELOPE
    const last = messages.at(-1)
    if (last !== undefined && last.length < WIRE_LIMITS.cardsPerMessage && bytes < WIRE_LIMITS.gossip) last.push(card)
    else {
      messages.push([card])
      bytes = card.body.length + 2 * CARD_ENVELOPE
    }
  }
  return messages
}

/** A card without what only its time of issue decides. */
export type CardContent = Omit<AgentCard, 'seq' | 'issued' | 'expires'>

/**
 * The card to sign and publish now, or undefined when the last one still stands: same content, and not due for renewal.
 * `jitter`: uniform in [0, 1), fixed for a card's life, so that peers that started together do not renew together.
 */
export function nextCard(
  content: CardContent,
  last: AgentCard | undefined,
  now: number,
  jitter: number,
): AgentCard | undefined {
  if (last !== undefined && sameContent(content, last) && now < renewalOf(last, jitter)) return undefined
  // the clock as sequence: a peer that lost its last card still issues a later one
  const seq = Math.max(now, (last?.seq ?? -1) + 1)
  return { ...content, seq, issued: now, expires: now + PEER_LIMITS.cardLifeMs }
}

/** When a card is renewed, ms since the epoch: at half its life, up to a tenth of it earlier. */
export const renewalOf = (card: Pick<AgentCard, 'issued' | 'expires'>, jitter: number): number =>
  card.issued + Math.floor((card.expires - card.issued) * (0.5 - 0.1 * jitter))

/** A card with this content renews the last one: it is no news. */
export function sameContent(content: CardContent, last: AgentCard): boolean {
  const { seq, issued, expires, ...rest } = last
  return equalBytes(canonicalBytes(content), canonicalBytes(rest))
}
