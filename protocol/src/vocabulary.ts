/**
 * The whole vocabulary of AMP in one place: what peers say to find each other (messages), and what they say in a space
 * (records: acts and items of the graph). Wire names are those of seed 004. PROTOCOL.md is this file in prose.
 */
import * as z from 'zod'
import type { Json } from './canonical-json.ts'
import { type ExactCheck, exactCheckOf } from './exact-check.ts'
import { type LogId, PATTERNS, type PublicKey, type RecordId } from './ids.ts'
import { SPACE_LIMITS, WIRE_LIMITS } from './limits.ts'

// ---- field types ----------------------------------------------------------------------------------------------------

const text = (max: number = SPACE_LIMITS.string) => z.string().max(max)
const words = (max: number) => z.string().min(1).max(max)
const natural = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const confidence = z.number().min(0).max(1)
const recordId = z.string().regex(PATTERNS.recordId)
const records = z.array(recordId).max(SPACE_LIMITS.array)
const publicKey = z.string().regex(PATTERNS.publicKey)
const hash = z.string().regex(PATTERNS.hash)
const logId = z.string().regex(PATTERNS.logId)
const hash16 = z.string().regex(PATTERNS.logId) // 16 bytes, like a log id
const agentName = z.string().regex(PATTERNS.agentName)
const json = z.json() as z.ZodType<Json>
const bytes = (max: number) =>
  z.custom<Uint8Array>(b => b instanceof Uint8Array && b.length > 0 && b.length <= max, { error: `1 to ${max} bytes` })

const bytesOf = (n: number) =>
  z.custom<Uint8Array>(b => b instanceof Uint8Array && b.length === n, { error: `${n} bytes` })

/** Who of the author's peer speaks. `via`: a guest or tool this peer speaks for, a label nobody vouches for. */
const speaker = { agent: agentName.optional(), via: text(128).optional() }

// ---- records: acts --------------------------------------------------------------------------------------------------

/** What agents say to each other in a space. Fields as in CONTEXT.md part A; every act may carry `agent` and `via`. */
export const ACTS = {
  /** The question that opens a space; the founder's first record. */
  broadcast: z.object({
    query: words(SPACE_LIMITS.string),
    goal: text().optional(),
    requirements: z.array(text(1024)).max(64).optional(),
    scope: z.enum(['best', 'all']).optional(),
    capability: text(512).optional(),
    /** What the question is about, for agents that need more than words: a folder, a URL, a document's id … */
    context: json.optional(),
    /** In which state that is, e.g. a repository's commit: the same question about another state is another one. */
    about: json.optional(),
    ...speaker,
  }),
  /** "I can help, this sure." `bid`: what it would cost. */
  capability_match: z.object({
    for: recordId,
    confidence,
    offer: text(),
    bid: z
      .object({ ms: natural.optional(), tokens: natural.optional(), cost: z.number().min(0).optional() })
      .optional(),
    ...speaker,
  }),
  proposal: z.object({
    for: recordId,
    content: text(),
    references: records.optional(),
    confidence: confidence.optional(),
    ...speaker,
  }),
  build_on: z.object({ parent: recordId, content: text(), references: records.optional(), ...speaker }),
  concern: z.object({ parent: recordId, content: text(), ...speaker }),
  /** Something the speaker can't do alone; a sub-question in the same space. */
  need: z.object({ content: text(), parent: recordId.optional(), capability: text(512).optional(), ...speaker }),
  task: z.object({ content: text(), for: recordId, ...speaker }),
  award: z.object({
    task: recordId,
    to: z.string().max(160),
    bid: recordId.optional(),
    until: natural,
    token: natural,
    ...speaker,
  }),
  lease: z.object({ task: recordId, to: z.string().max(160), until: natural, token: natural, ...speaker }),
  result: z.object({ task: recordId, content: text(), references: records.optional(), ...speaker }),
  refuse: z.object({ for: recordId, why: text(), ...speaker }),
  failure: z.object({ task: recordId, why: text(), ...speaker }),
  /**
   * A judgement on a record: 1 supports, -1 refutes, 0 withdraws. `ev`: evidence. The rest: a vote (CONTEXT.md §12).
   */
  verify: z.object({
    of: recordId,
    v: z.literal([1, -1, 0]),
    why: text().optional(),
    ev: z.array(text(1024)).max(64).optional(),
    slot: text(256).optional(),
    ver: natural.optional(),
    e: natural.optional(),
    vs: z.string().length(86).optional(),
    ...speaker,
  }),
  /** A verifier lets a key write in an open space. */
  admit: z.object({ pub: publicKey, ...speaker }),
  /** "Having seen these heads I have nothing to add." A head: log, last sequence seen. */
  settle: z.object({ heads: z.array(z.tuple([logId, natural])).max(SPACE_LIMITS.array), ...speaker }),
  cancel: z.object({ for: recordId, why: text(1024).optional(), ...speaker }),
  /** The conclusion: each claim rests on records. */
  synthesis: z.object({
    for: recordId,
    content: text(),
    claims: z.array(z.object({ text: text(2048), references: records })).max(SPACE_LIMITS.array),
    partial: z.boolean().optional(),
    ...speaker,
  }),
  learn: z.object({ pattern: json, ...speaker }),
  contract: z.object({ event: text(256), schema: json, payload: json, ...speaker }),
  artifact: z.object({ name: text(512), mediaType: text(128), bytes: natural, sha256: hash, ...speaker }),
} as const

// ---- records: items of the knowledge graph --------------------------------------------------------------------------

/** What is known: CONTEXT.md §3. `sup` replaces an own record. */
export const ITEMS = {
  /** A statement. `slot`: alternatives that exclude each other; `src`: where it was seen. */
  fact: z.object({
    s: words(512),
    p: words(256),
    o: json,
    text: text().optional(),
    conf: confidence.optional(),
    src: json.optional(),
    slot: text(256).optional(),
    ver: natural.optional(),
    sup: recordId.optional(),
    ...speaker,
  }),
  hyp: z.object({
    text: text(),
    about: records.optional(),
    conf: confidence.optional(),
    sup: recordId.optional(),
    ...speaker,
  }),
  cert: z.object({
    of: recordId,
    slot: text(256),
    ver: natural,
    e: natural,
    sigs: z.array(z.tuple([publicKey, z.string().length(86)])).max(SPACE_LIMITS.array),
  }),
  conflict: z.object({ a: z.array(recordId).min(2).max(SPACE_LIMITS.array), why: text().optional(), ...speaker }),
  link: z.object({ s: words(512), p: words(256), o: words(512), sup: recordId.optional(), ...speaker }),
  thread: z.object({ title: words(512), about: records.optional(), ...speaker }),
  msg: z.object({ in: recordId, re: recordId.optional(), text: text(), ...speaker }),
  solved: z.object({
    q: text(256),
    problem: text(),
    result: json,
    ev: records.optional(),
    sup: recordId.optional(),
    ...speaker,
  }),
  /** A known unknown: nobody here could answer it. */
  gap: z.object({
    q: text(256),
    text: text(),
    about: records.optional(),
    prio: z.number().optional(),
    sup: recordId.optional(),
    ...speaker,
  }),
  /** Takes an own record back; `erase`: forget its bytes. */
  retract: z.object({ of: recordId, erase: z.literal(true).optional() }),
  count: z.object({ name: words(128), p: natural, n: natural }),
  reg: z.object({ name: words(128), v: json }),
  assign: z.object({ key: words(256), to: text(160), until: natural.optional() }),
  unassign: z.object({ of: recordId }),
  draft: z.object({ title: words(512), editors: z.array(publicKey).max(64), gen: natural, roots: json.optional() }),
  ack: z.object({ heads: z.array(z.tuple([logId, natural, hash16])).max(SPACE_LIMITS.array) }),
  ckpt: z.object({ upto: natural, ops: natural, n: natural, root: hash }),
} as const

export const RECORDS = { ...ACTS, ...ITEMS } as const
export type Kind = keyof typeof RECORDS
export type ActKind = keyof typeof ACTS
/** The fields of a record of kind K, with its kind in `k`. */
export type Op<K extends Kind = Kind> = { [P in K]: { k: P } & z.infer<(typeof RECORDS)[P]> }[K]

/**
 * One op of an entry, after all rules: who said it, where it stands, what it says. `op` is undefined for an opaque
 * record: a kind, or a shape, that this version does not know. It is kept and passed on, and no view sees it.
 */
export interface Rec<K extends Kind = Kind> {
  readonly id: RecordId
  readonly by: PublicKey
  readonly log: LogId
  /** Sequence of its entry in the log, and its own number among the log's ops. */
  readonly seq: number
  readonly n: number
  /** The author's clock, ms since the epoch, never falling within a log. */
  readonly time: number
  readonly op: Op<K>
}

/** The op as this version understands it; undefined for an unknown kind or wrong fields. Extra fields fall away. */
export function readOp(value: Json): Op | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  if (typeof value.k !== 'string' || !Object.hasOwn(RECORDS, value.k)) return undefined
  const kind = value.k as Kind
  if (EXACT[kind](value)) return value as Op
  const { k: _, ...fields } = value
  const read = RECORDS[kind].safeParse(fields)
  return read.success ? ({ k: kind, ...read.data } as Op) : undefined
}

/** By kind: whether an op with that `k` can be taken as it is. */
const EXACT = Object.fromEntries(
  Object.entries(RECORDS).map(([k, schema]) => [k, exactCheckOf(schema.extend({ k: z.literal(k) }), json)]),
) as Record<Kind, ExactCheck>

export const isKind = <K extends Kind>(record: Rec, kind: K): record is Rec<K> => record.op.k === kind

// ---- messages -------------------------------------------------------------------------------------------------------

const head = z.object({
  pub: publicKey,
  epoch: natural,
  /** Last sequence held, and the first 16 bytes of its entry's hash: a sequence alone is unsafe under equivocation. */
  seq: natural,
  hash: hash16,
  /** Of a log with a proven fork: digest of what is held of it. */
  fork: hash16.optional(),
})
export type Head = z.infer<typeof head>

const range = z.object({
  pub: publicKey,
  epoch: natural,
  from: natural,
  to: natural,
  /** Entries only: no checkpoint in place of them. */
  entries: z.boolean().optional(),
})
export type Range = z.infer<typeof range>

/** A signed agent card on the wire: canonical JSON bytes and the peer's signature over them. */
const signedCard = z.object({ body: bytes(WIRE_LIMITS.card), signature: bytes(64) })
export type SignedCard = z.infer<typeof signedCard>

/**
 * Ephemeral messages between two peers. Streams are authenticated by noise, so they carry no signature of their own.
 */
export const MESSAGES = {
  /** First message each way on every stream. `genesis`: the mesh file, for a peer that joins by an address. */
  hello: z.object({
    protocol: z.string().max(16),
    features: z.array(z.string().max(64)).max(64),
    mesh: hash,
    meshFile: bytes(WIRE_LIMITS.card).optional(),
  }),
  ping: z.object({ n: natural }),
  pong: z.object({ n: natural }),
  /** A question on its way: enough to join its space and to serve it to others, should its asker die. */
  broadcast: z
    .object({
      id: z.string().regex(PATTERNS.messageId),
      time: natural,
      space: hash,
      genesis: bytes(WIRE_LIMITS.broadcastInline),
      /** The founder's first segment: it holds the `broadcast` record. */
      question: bytes(WIRE_LIMITS.broadcastInline),
    })
    .refine(m => m.genesis.length + m.question.length <= WIRE_LIMITS.broadcastInline, { error: 'too much inline' }),
  /** Card protocol: "these I hold" (agent id, sequence); the answer is the cards the other lacks or has older. */
  cards_have: z.object({ cards: z.array(z.tuple([z.string().max(160), natural])).max(WIRE_LIMITS.cardsInHave) }),
  cards: z.object({ cards: z.array(signedCard).max(WIRE_LIMITS.cardsPerMessage), more: z.boolean() }),
  heads: z.object({ space: hash, heads: z.array(head).max(WIRE_LIMITS.headsPerMessage), full: z.boolean() }),
  /**
   * Heads of a crowd in short: 256 digests of 8 bytes, each of all logs whose id starts with that byte. The answer is
   * the heads of the buckets that differ, and with `ask` the other side's digests.
   */
  digests: z.object({ space: hash, digests: bytesOf(WIRE_LIMITS.bucketDigests), ask: z.boolean() }),
  want: z.object({ space: hash, ranges: z.array(range).max(WIRE_LIMITS.rangesPerMessage) }),
  segment: z.object({ space: hash, bytes: bytes(WIRE_LIMITS.segment) }),
  /** Two segments one author signed for the same sequence. */
  proof: z.object({ space: hash, a: bytes(WIRE_LIMITS.segment), b: bytes(WIRE_LIMITS.segment) }),
  /**
   * What of a log is still alive at a checkpoint of its author, in parts. `segment`: the entry with the `ckpt` record.
   * `live`: n(6) seq(6) time(6) length(4) op, of each live record of this part.
   */
  checkpoint: z.object({
    space: hash,
    segment: bytes(WIRE_LIMITS.checkpointPart),
    part: natural,
    parts: natural,
    live: bytes(WIRE_LIMITS.checkpointPart).optional(),
  }),
  /** "I lack the bytes of these ops": their log, the sequence of their entry, their number in the log. */
  ops_want: z.object({
    space: hash,
    ops: z.array(z.tuple([logId, natural, natural])).max(WIRE_LIMITS.opsPerMessage),
  }),
  /** Bytes of ops by log and number; what they are is known by their hash. */
  ops: z.object({
    space: hash,
    ops: z.array(z.tuple([logId, natural, bytes(WIRE_LIMITS.op)])).max(WIRE_LIMITS.opsPerMessage),
  }),
  busy: z.object({ space: hash.optional(), retryAfterMs: natural }),
  error: z.object({ code: z.string().max(32), re: z.string().max(64).optional() }),
} as const

export type MessageType = keyof typeof MESSAGES
export type Message<T extends MessageType = MessageType> = {
  [P in T]: { type: P } & z.infer<(typeof MESSAGES)[P]>
}[T]
