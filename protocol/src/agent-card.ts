/** The agent card: an agent's signed, expiring description of itself. Signed by its peer's key. */
import * as z from 'zod'
import { fromBase64url, sha256, utf8 } from './bytes.ts'
import { canonicalBytes, parseCanonical } from './canonical-json.ts'
import { DecodeError } from './errors.ts'
import { PATTERNS, parseAgentId, publicKeyOf } from './ids.ts'
import { AGENT_LIMITS } from './limits.ts'
import type { Identity, Verify } from './ports.ts'
import type { SignedCard } from './vocabulary.ts'

const natural = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

const capability = z.object({
  text: z.string().min(1).max(AGENT_LIMITS.capabilityLength),
  examples: z.array(z.string().max(AGENT_LIMITS.capabilityLength)).max(8).optional(),
})
/** What an agent can do, in words; examples: requests it would take. */
export type Capability = z.infer<typeof capability>

const agentCard = z.object({
  v: z.literal(1),
  mesh: z.string().regex(PATTERNS.hash),
  /** `amp://<PeerId>/<name>`; the PeerId's key signs the card. */
  agent: z.string().regex(PATTERNS.agentId),
  description: z.string().max(1024).optional(),
  capabilities: z.array(capability).min(1).max(AGENT_LIMITS.capabilities),
  /**
   * Who runs it and what thinks in it: two agents of one operator and model are one failure domain (CONTEXT.md §12).
   */
  operator: z.string().max(128),
  model: z.string().max(128),
  cost: z.object({ ms: natural.optional(), tokens: natural.optional(), cost: z.number().min(0).optional() }).optional(),
  state: z.enum(['ready', 'busy', 'draining', 'gone']),
  /** Multiaddrs its peer can be dialled at. */
  addresses: z.array(z.string().max(256)).max(8),
  /** int8 vectors of the capabilities in one vector space, base64url; room for neural embedders. */
  vectors: z.object({ space: z.string().max(128), data: z.array(z.string().max(4096)).max(64) }).optional(),
  /** A later card of the same agent has a higher one. */
  seq: natural,
  /** ms since the epoch. */
  issued: natural,
  expires: natural,
})
export type AgentCard = z.infer<typeof agentCard>

/** What is signed: the hash of a tag and the card, so that no other signature of this key can pass for it. */
const cardHash = (body: Uint8Array) => sha256(utf8('amp-card'), body)

export async function signCard(card: AgentCard, identity: Identity): Promise<SignedCard> {
  const body = canonicalBytes(card)
  return { body, signature: await identity.sign(cardHash(body)) }
}

/** The card, if its own peer signed it for this mesh. Throws DecodeError. Expiry is the directory's question. */
export function openCard(signed: SignedCard, mesh: string, verify: Verify): AgentCard {
  const read = agentCard.safeParse(parseCanonical(signed.body))
  if (!read.success) throw new DecodeError('bad-message', 'not an agent card', z.prettifyError(read.error))
  const card = read.data
  if (card.mesh !== mesh) throw new DecodeError('wrong-mesh', 'a card of another mesh')
  if (!verify(signed.signature, cardHash(signed.body), fromBase64url(publicKeyOf(parseAgentId(card.agent).peer))))
    throw new DecodeError('bad-message', 'a card not signed by its peer')
  return card
}
