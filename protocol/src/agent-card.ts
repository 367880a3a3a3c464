/** The agent card: an agent's signed, expiring description of itself. Signed by its peer's key. */
import * as z from 'zod/mini'
import { fromBase64url, sha256, utf8 } from './bytes.ts'
import { canonicalBytes, parseCanonical } from './canonical-json.ts'
import { DecodeError } from './errors.ts'
import { effort, hash, list, matching, natural, optional, text, words } from './field.ts'
import { checked } from './flaw.ts'
import { PATTERNS, parseAgentId, publicKeyOf } from './ids.ts'
import { AGENT_LIMITS } from './limits.ts'
import type { Identity, Verify } from './ports.ts'
import type { SignedCard } from './signed-card.ts'

const capability = z.object({
  text: words(AGENT_LIMITS.capabilityLength),
  examples: optional(list(text(AGENT_LIMITS.capabilityLength), 8)),
  parameters: optional(text(AGENT_LIMITS.parametersLength)),
  tags: optional(list(text(AGENT_LIMITS.tagLength), 16)),
})
/**
 * What an agent can do, in words; examples: requests it would take; parameters: what it has to be told, in words; tags:
 * its fields. The text is what it is found by, the rest counts less.
 */
export type Capability = z.infer<typeof capability>

export const isCapability = (value: unknown): value is Capability => z.safeParse(capability, value).success

const agentCard = z.object({
  v: z.literal(1),
  mesh: hash,
  /** `amp://<PeerId>/<name>`; the PeerId's key signs the card. */
  agent: matching(PATTERNS.agentId),
  description: optional(text(1024)),
  capabilities: list(capability, AGENT_LIMITS.capabilities).check(z.minLength(1)),
  /**
   * Who runs it and what thinks in it: two agents of one operator and model are one failure domain (CONTEXT.md §12).
   */
  operator: text(128),
  model: text(128),
  cost: optional(effort),
  state: z.enum(['ready', 'busy', 'draining', 'gone']),
  /** Multiaddrs its peer can be dialled at. */
  addresses: list(text(256), 8),
  /** int8 vectors of the capabilities in one vector space, base64url; room for neural embedders. */
  vectors: optional(z.object({ space: text(128), data: list(text(4096), 64) })),
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
  const card = checked(agentCard, parseCanonical(signed.body), 'an agent card')
  if (card.mesh !== mesh) throw new DecodeError('wrong-mesh', 'a card of another mesh')
  if (!verify(signed.signature, cardHash(signed.body), fromBase64url(publicKeyOf(parseAgentId(card.agent).peer))))
    throw new DecodeError('bad-message', 'a card not signed by its peer')
  return card
}
