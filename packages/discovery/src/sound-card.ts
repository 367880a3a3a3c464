/** Which signed cards are taken in, by the directory and by the index in the DHT alike. */
import {
  type AgentCard,
  DecodeError,
  type MeshId,
  openCard,
  PEER_LIMITS,
  type SignedCard,
  SPACE_LIMITS,
  sha256,
  toBase64url,
  type Verify,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'

/**
 * Undefined for one that is forged, malformed, too large, of another mesh, or lives longer than agreed: it would
 * outlast its agent everywhere.
 */
export function soundCard(signed: SignedCard, mesh: MeshId, verify: Verify): AgentCard | undefined {
  if (signed.body.length > WIRE_LIMITS.card) return undefined
  try {
    const card = openCard(signed, mesh, verify)
    return card.expires - card.issued <= PEER_LIMITS.cardLifeMs ? card : undefined
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/** Tells signed cards apart, byte for byte. */
export const cardDigest = ({ body, signature }: SignedCard): string => toBase64url(sha256(body, signature))

/** Its peer's clock is further ahead than clocks may be. */
export const isFromFuture = (card: AgentCard, now: number): boolean => card.issued > now + SPACE_LIMITS.skewMs
