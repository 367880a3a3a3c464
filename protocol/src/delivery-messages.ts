/** Messages from agent to agent: letters and their receipts, requests and replies. Part of the vocabulary. */
import * as z from 'zod/mini'
import { agentName, bytes, hash, json, list, logId, matching, natural, optional, text } from './field.ts'
import { PATTERNS } from './ids.ts'
import { WIRE_LIMITS } from './limits.ts'

/** What the sender knew when it spoke: how far it held the logs of a space. */
const context = z.object({ space: hash, heads: list(z.tuple([logId, natural]), WIRE_LIMITS.contextHeads) })
export type Context = z.infer<typeof context>

/** `body`: JSON in UTF-8. `by`: which agent of the sender speaks. */
const said = {
  to: agentName,
  by: optional(agentName),
  body: bytes(WIRE_LIMITS.letterBody),
  context: optional(context),
}

const letter = z.object({
  /** From 1, within the epoch and the receiver. */
  seq: natural,
  ...said,
  /** Idempotency id, the sender's own: of letters with one key to one agent the first counts. */
  key: optional(matching(PATTERNS.messageId)),
  /** ms since the epoch; after it the letter is not handled any more. */
  deadline: natural,
})
export type Letter = z.infer<typeof letter>

const outcome = z.object({
  seq: natural,
  /** The handler's answer, JSON in UTF-8; or else why there is none. */
  result: optional(bytes(WIRE_LIMITS.letterBody)),
  code: optional(text(32)),
  why: optional(text(512)),
})
export type Outcome = z.infer<typeof outcome>

export const DELIVERY_MESSAGES = {
  /**
   * Durable at the sender, in its order. `epoch`: of the sender's store. `after`: of the letters the sender still has,
   * the one before these, or 0. `settled`: outcomes of letters below are not waited for.
   */
  letters: z.object({
    epoch: natural,
    after: natural,
    settled: natural,
    letters: list(letter, WIRE_LIMITS.lettersPerMessage),
  }),
  /** All letters up to `stored` are durable here. `credit`: how many more may be on their way. */
  receipts: z.object({
    epoch: natural,
    stored: natural,
    credit: natural,
    outcomes: list(outcome, WIRE_LIMITS.lettersPerMessage),
  }),
  /** At most once, and nothing is stored. `id`: the asker's own. */
  request: z.object({ id: natural, ...said, deadline: natural }),
  reply: z.object({
    id: natural,
    result: optional(bytes(WIRE_LIMITS.letterBody)),
    code: optional(text(32)),
    why: optional(text(512)),
  }),
  /** First on a direct channel: with which agent; the answer that it listens; then each side says what it will. */
  connect: z.object({ to: agentName, by: optional(agentName) }),
  connected: z.object({ by: agentName }),
  say: z.object({ value: json }),
} as const
