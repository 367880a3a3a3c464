/** Messages of subjects: what is published to a mesh, and what of it neighbours remember. Part of the vocabulary. */
import * as z from 'zod/mini'
import { agentName, bytes, bytesOf, list, matching, natural, optional, publicKey, words } from './field.ts'
import { PATTERNS } from './ids.ts'
import { WIRE_LIMITS } from './limits.ts'

const publication = {
  id: matching(PATTERNS.messageId),
  time: natural,
  subject: words(WIRE_LIMITS.subject),
  pub: publicKey,
  by: optional(agentName),
  body: bytes(WIRE_LIMITS.publication),
  signature: bytesOf(64),
}

export const SUBJECT_MESSAGES = {
  /** One a gossip message. Signed, because neighbours pass it on later as well. */
  publication: z.object(publication),
  /** What was published last under subjects that fit this pattern? */
  recall: z.object({ id: natural, pattern: words(WIRE_LIMITS.subject), last: natural }),
  /** Oldest first. */
  recalled: z.object({ id: natural, publications: list(z.object(publication), WIRE_LIMITS.recalled) }),
} as const
