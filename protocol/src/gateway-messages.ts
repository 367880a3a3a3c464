/**
 * What plain clients and the gateway of a peer say to each other beside records: what a client asks of the peer, and
 * what it is told. PROTOCOL.md, "The gateway", is this file in prose.
 */
import * as z from 'zod/mini'
import { DELIVERY_LIMITS } from './delivery-limits.ts'
import { confidence, hash, integer, json, list, matching, natural, optional, recordId, text, words } from './field.ts'
import { checked } from './flaw.ts'
import { GATEWAY_LIMITS } from './gateway-limits.ts'
import { PATTERNS } from './ids.ts'
import { CLIENT_ENVELOPE, type ClientFields, type Fill } from './json-binding.ts'
import { AGENT_LIMITS, SPACE_LIMITS, WIRE_LIMITS } from './limits.ts'
import { SUBJECT_LIMITS } from './subject-limits.ts'
import { ACTS } from './vocabulary.ts'

/** Around what a client asks: `id` is its own name for it, which answers carry as `re`. */
const { space: _, ...asked } = CLIENT_ENVELOPE
/** An agent by its id, or whoever can do something, in words. */
const address = z.union([
  matching(PATTERNS.agentId),
  z.object({
    capability: words(AGENT_LIMITS.capabilityLength),
    limit: optional(integer(1, GATEWAY_LIMITS.found)),
    minConfidence: optional(confidence),
  }),
])
/** Session secrets: 16 random bytes as base64url. */
const sessionId = text(22)

export const GATEWAY_REQUESTS = {
  /** A question: the act, and how long it may take. It opens a space, which becomes the session's. */
  broadcast: z.extend(ACTS.broadcast, {
    budgetMs: optional(integer(1, GATEWAY_LIMITS.budgetMs)),
    offerWindowMs: optional(integer(1, 60_000)),
    fresh: optional(z.boolean()),
  }),
  /** Records of a space, all or an excerpt, then those to come. It becomes the session's. */
  join: z.object({ space: hash, last: optional(integer(0, GATEWAY_LIMITS.excerpt)) }),
  leave: z.object({ space: hash }),
  /** Questions that reach the peer, from now on. */
  listen: z.object({}),
  /** Agents by what they can do. */
  find: z.object({
    query: words(SPACE_LIMITS.string),
    limit: optional(integer(1, GATEWAY_LIMITS.found)),
    minConfidence: optional(confidence),
  }),
  /** A message to an agent, or to those that fit best: delivered whatever dies, told by receipts. */
  send: z.object({
    to: address,
    message: json,
    deadlineMs: optional(integer(1, DELIVERY_LIMITS.longestDeadlineMs)),
    key: optional(matching(PATTERNS.messageId)),
  }),
  /** A question to an agent, or to the one that fits best, and its answer; at most once. */
  request: z.object({ to: address, message: json, deadlineMs: optional(integer(1, GATEWAY_LIMITS.budgetMs)) }),
  publish: z.object({ subject: words(WIRE_LIMITS.subject), data: json }),
  /** What is published under a subject; `*` stands for a word, `>` for all that follow. */
  subscribe: z.object({ subject: words(WIRE_LIMITS.subject), last: optional(integer(0, SUBJECT_LIMITS.ring)) }),
  /** `subscription`: the id of its `subscribe`. */
  unsubscribe: z.object({ subscription: text(128) }),
  /** Goes on with a session that was cut, behind the last message that came. */
  resume: z.object({ session: sessionId, after: optional(text(64)) }),
  ping: z.object({ n: optional(natural) }),
} as const

export type GatewayRequestType = keyof typeof GATEWAY_REQUESTS
export type GatewayRequest<T extends GatewayRequestType = GatewayRequestType> = {
  [P in T]: { type: P } & z.infer<(typeof GATEWAY_REQUESTS)[P]>
}[T]

/** A request with what stands around it. */
export interface ClientRequest {
  readonly kind: 'request'
  /** The client's own name for it. */
  readonly id: string
  /** Who speaks, in the client's own words: a label, nobody vouches for it. */
  readonly from?: string
  readonly request: GatewayRequest
}

/** Undefined for a type that is no request. Throws DecodeError `bad-message`. */
export function readRequest(type: string, fields: ClientFields, fill: Fill): ClientRequest | undefined {
  const schema = ENVELOPES.get(type)
  if (schema === undefined) return undefined
  const head = { id: fields.id ?? fill.id, time: fields.time ?? fill.time }
  const read = checked<ClientFields>(schema, { ...fields, ...head }, `a ${type}`)
  // agent and via are the peer's words for who spoke
  const { id, time: _time, from, agent: _agent, via: _via, ...request } = read as ClientFields & { id: string }
  const said = { kind: 'request', id, request: { type, ...request } as GatewayRequest } as const
  return typeof from === 'string' ? { ...said, from } : said
}

const ENVELOPES = new Map(
  Object.entries(GATEWAY_REQUESTS).map(([type, schema]) => [type, z.extend(schema as z.ZodMiniObject, asked)]),
)

/** `id` of each: for `resume`, in order of the session. `re`: the client's id of what it answers. */
const told = { id: text(64) }
const answer = { ...told, re: text(128) }
const milliseconds = optional(natural)

export const GATEWAY_ANSWERS = {
  /** First of every connection: who this is, what it can do, what it takes. */
  hello: z.object({
    protocol: text(16),
    features: list(text(64), 64),
    mesh: hash,
    name: text(64),
    peer: text(64),
    /** For `resume`: whoever knows it and the token goes on with the session. */
    session: sessionId,
    agents: list(
      z.object({ id: text(160), state: text(16), capabilities: list(text(512), 64) }),
      GATEWAY_LIMITS.helloAgents,
    ),
    limits: z.object({
      message: natural,
      depth: natural,
      messagesPerSecond: natural,
      messageBurst: natural,
      conversations: natural,
      spaces: natural,
      kept: natural,
      lingerMs: natural,
    }),
  }),
  /** What was said is a record of the ledger now. `unresolved`: references that name nothing known here. */
  said: z.object({ ...answer, record: recordId, space: hash, unresolved: optional(list(text())) }),
  /** All records that were there have been sent; those to come follow live. */
  joined: z.object({ ...answer, space: hash, records: natural, question: optional(recordId) }),
  left: z.object({ ...answer, space: hash }),
  listening: z.object(answer),
  /** An agent that was found, and after the last one how many. */
  candidate: z.object({
    ...answer,
    from: text(160),
    confidence,
    capability: text(512),
    state: text(16),
  }),
  found: z.object({ ...answer, count: natural }),
  /** The end of a question. `known`: the mesh knew this already, and nobody was asked. */
  done: z.object({
    ...answer,
    space: hash,
    outcome: z.enum(['concluded', 'partial', 'no-agents', 'cancelled']),
    synthesis: optional(recordId),
    content: optional(text()),
    known: optional(z.literal(true)),
    peers: natural,
    firstOfferMs: milliseconds,
    concludedMs: natural,
    records: natural,
  }),
  /** How far a message has come; with `done` what its handler answered, of several agents a list. */
  receipt: z.object({
    ...answer,
    state: z.enum(['queued', 'sent', 'stored', 'done']),
    to: list(text(160)),
    answer: optional(json),
  }),
  reply: z.object({ ...answer, answer: json }),
  published: z.object(answer),
  subscribed: z.object(answer),
  /** Something was published under a subject that fits. `from`: the agent, or its peer. */
  event: z.object({ ...answer, subject: text(WIRE_LIMITS.subject), data: json, from: text(160), time: natural }),
  unsubscribed: z.object(answer),
  /** `complete`: nothing was lost; otherwise the records of joined spaces are sent again, all of them. */
  resumed: z.object({ ...answer, session: sessionId, complete: z.boolean() }),
  pong: z.object({ ...answer, n: optional(natural) }),
  error: z.object({ ...told, re: optional(text(128)), code: text(32), message: text() }),
} as const

export type GatewayAnswerType = keyof typeof GATEWAY_ANSWERS
export type GatewayAnswer<T extends GatewayAnswerType = GatewayAnswerType> = {
  [P in T]: { type: P } & z.infer<(typeof GATEWAY_ANSWERS)[P]>
}[T]

/** Codes the gateway closes a connection with, beside those of WebSocket itself (1002 bad frame, 1009 too large). */
export const GATEWAY_CLOSE = {
  /** The peer stops. */
  goingAway: 1001,
  /** Too many sessions, or this one does not read what it is sent: come again, and `resume`. */
  tryAgain: 1013,
  /** JSON wants text, msgpack wants bytes. */
  wrongForm: 4400,
  /** Another connection went on with this session. */
  resumedElsewhere: 4409,
} as const
