/**
 * The whole vocabulary of AMP in one place: what peers say to find each other (messages), and what they say in a space
 * (records: acts and items of the graph). Wire names are those of seed 004. PROTOCOL.md is this file in prose.
 */
import * as z from 'zod/mini'
import { ADMISSION_MESSAGES } from './admission-messages.ts'
import type { Json } from './canonical-json.ts'
import { CARD_MESSAGES } from './card-messages.ts'
import { DELIVERY_MESSAGES } from './delivery-messages.ts'
import { type ExactCheck, exactCheckOf } from './exact-check.ts'
import {
  agentName,
  bytes,
  bytesOf,
  confidence,
  effort,
  hash,
  hash16,
  json,
  list,
  logId,
  matching,
  natural,
  optional,
  publicKey,
  recordId,
  text,
  textOf,
  words,
} from './field.ts'
import { flawOf } from './flaw.ts'
import { type LogId, PATTERNS, type PublicKey, type RecordId } from './ids.ts'
import { INDEX_MESSAGES } from './index-messages.ts'
import { ARTIFACT_LIMITS, SPACE_LIMITS, WIRE_LIMITS } from './limits.ts'
import { SUBJECT_MESSAGES } from './subject-messages.ts'

/** Who of the author's peer speaks. `via`: a guest or tool this peer speaks for, a label nobody vouches for. */
const speaker = { agent: optional(agentName), via: optional(text(128)) }
const records = list(recordId)

// ---- records: acts --------------------------------------------------------------------------------------------------

/** What agents say to each other in a space. Fields as in CONTEXT.md part A; every act may carry `agent` and `via`. */
export const ACTS = {
  /** The question that opens a space; the founder's first record. */
  broadcast: z.object({
    query: words(SPACE_LIMITS.string),
    goal: optional(text()),
    requirements: optional(list(text(1024), 64)),
    scope: optional(z.enum(['best', 'all'])),
    capability: optional(text(512)),
    /** What the question is about, for agents that need more than words: a folder, a URL, a document's id … */
    context: optional(json),
    /** In which state that is, e.g. a repository's commit: the same question about another state is another one. */
    about: optional(json),
    ...speaker,
  }),
  /** "I can help, this sure." `bid`: what it would cost. */
  capability_match: z.object({
    for: recordId,
    confidence,
    offer: text(),
    bid: optional(effort),
    ...speaker,
  }),
  proposal: z.object({
    for: recordId,
    content: text(),
    references: optional(records),
    confidence: optional(confidence),
    ...speaker,
  }),
  build_on: z.object({ parent: recordId, content: text(), references: optional(records), ...speaker }),
  concern: z.object({ parent: recordId, content: text(), ...speaker }),
  /** Something the speaker can't do alone; a sub-question in the same space. */
  need: z.object({ content: text(), parent: optional(recordId), capability: optional(text(512)), ...speaker }),
  task: z.object({ content: text(), for: recordId, ...speaker }),
  award: z.object({
    task: recordId,
    to: text(160),
    bid: optional(recordId),
    until: natural,
    token: natural,
    ...speaker,
  }),
  lease: z.object({ task: recordId, to: text(160), until: natural, token: natural, ...speaker }),
  result: z.object({ task: recordId, content: text(), references: optional(records), ...speaker }),
  refuse: z.object({ for: recordId, why: text(), ...speaker }),
  failure: z.object({ task: recordId, why: text(), ...speaker }),
  /**
   * A judgement on a record: 1 supports, -1 refutes, 0 withdraws. `ev`: evidence. The rest: a vote (CONTEXT.md §12).
   */
  verify: z.object({
    of: recordId,
    v: z.literal([1, -1, 0]),
    why: optional(text()),
    ev: optional(list(text(1024), 64)),
    slot: optional(text(256)),
    ver: optional(natural),
    e: optional(natural),
    vs: optional(textOf(86)),
    ...speaker,
  }),
  /** A verifier lets a key write in an open space. */
  admit: z.object({ pub: publicKey, ...speaker }),
  /** "Having seen these heads I have nothing to add", with `thread`: to that one. A head: log, last sequence seen. */
  settle: z.object({ heads: list(z.tuple([logId, natural])), thread: optional(recordId), ...speaker }),
  cancel: z.object({ for: recordId, why: optional(text(1024)), ...speaker }),
  /** The conclusion: each claim rests on records. */
  synthesis: z.object({
    for: recordId,
    content: text(),
    claims: list(z.object({ text: text(2048), references: records })),
    partial: optional(z.boolean()),
    ...speaker,
  }),
  learn: z.object({ pattern: json, ...speaker }),
  contract: z.object({ event: text(256), schema: json, payload: json, ...speaker }),
  /** Content above a record's bound, by hash. `chunks`: the hash of each 64 KiB; left out where there is one. */
  artifact: z.object({
    name: text(512),
    mediaType: text(128),
    bytes: natural,
    sha256: hash,
    chunks: optional(z.array(hash).check(z.minLength(1), z.maxLength(ARTIFACT_LIMITS.chunks))),
    ...speaker,
  }),
} as const

// ---- records: items of the knowledge graph --------------------------------------------------------------------------

/** What is known: CONTEXT.md §3. `sup` replaces an own record. */
export const ITEMS = {
  /** A statement. `slot`: alternatives that exclude each other; `src`: where it was seen. */
  fact: z.object({
    s: words(512),
    p: words(256),
    o: json,
    text: optional(text()),
    conf: optional(confidence),
    src: optional(json),
    slot: optional(text(256)),
    ver: optional(natural),
    sup: optional(recordId),
    ...speaker,
  }),
  hyp: z.object({
    text: text(),
    about: optional(records),
    conf: optional(confidence),
    sup: optional(recordId),
    ...speaker,
  }),
  cert: z.object({
    of: recordId,
    slot: text(256),
    ver: natural,
    e: natural,
    sigs: list(z.tuple([publicKey, textOf(86)])),
  }),
  conflict: z.object({ a: list(recordId).check(z.minLength(2)), why: optional(text()), ...speaker }),
  link: z.object({ s: words(512), p: words(256), o: words(512), sup: optional(recordId), ...speaker }),
  thread: z.object({ title: words(512), about: optional(records), ...speaker }),
  msg: z.object({ in: recordId, re: optional(recordId), text: text(), ...speaker }),
  solved: z.object({
    q: text(256),
    problem: text(),
    result: json,
    ev: optional(records),
    sup: optional(recordId),
    ...speaker,
  }),
  /** A known unknown: nobody here could answer it. */
  gap: z.object({
    q: text(256),
    text: text(),
    about: optional(records),
    prio: optional(z.number()),
    sup: optional(recordId),
    ...speaker,
  }),
  /** Takes an own record back; `erase`: forget its bytes. */
  retract: z.object({ of: recordId, erase: optional(z.literal(true)) }),
  count: z.object({ name: words(128), p: natural, n: natural }),
  reg: z.object({ name: words(128), v: json }),
  assign: z.object({ key: words(256), to: text(160), until: optional(natural) }),
  unassign: z.object({ of: recordId }),
  /** A text of several editors. `after`: the draft it takes the place of, `gen` one higher: editors never change. */
  draft: z.object({
    title: words(512),
    editors: list(publicKey, 64),
    gen: natural,
    after: optional(recordId),
  }),
  /** What an editor did to a draft: base64url of a Yjs V1 update. On the wire it is binary: {@link EDIT_TAG}. */
  edit: z.object({ draft: recordId, update: words(21_845) }),
  ack: z.object({ heads: list(z.tuple([logId, natural, hash16])) }),
  ckpt: z.object({ upto: natural, ops: natural, n: natural, size: natural, root: hash }),
} as const

/** First byte of an `edit` as an op: then the draft's id (24 bytes) and the update's bytes. JSON never starts so. */
export const EDIT_TAG = 0x01

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

/** What keeps readers from understanding an op, in words, like `content: Too big: …`; undefined when nothing does. */
export const flawOfOp = (op: Op): string | undefined => flawOf(RECORDS[op.k], op)

/** By kind: whether an op with that `k` can be taken as it is. */
const EXACT = Object.fromEntries(
  Object.entries(RECORDS).map(([k, schema]) => [k, exactCheckOf(z.extend(schema, { k: z.literal(k) }), json)]),
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
  fork: optional(hash16),
})
export type Head = z.infer<typeof head>

const range = z.object({
  pub: publicKey,
  epoch: natural,
  from: natural,
  to: natural,
  /** Entries only: no checkpoint in place of them. */
  entries: optional(z.boolean()),
})
export type Range = z.infer<typeof range>

/**
 * Ephemeral messages between two peers. Streams are authenticated by noise, so they carry no signature of their own.
 */
export const MESSAGES = {
  /** First message each way on every stream. `genesis`: the mesh file, for a peer that joins by an address. */
  hello: z.object({
    protocol: text(16),
    features: list(text(64), 64),
    mesh: hash,
    meshFile: optional(bytes(WIRE_LIMITS.card)),
  }),
  ping: z.object({ n: natural }),
  pong: z.object({ n: natural }),
  /** A question on its way: enough to join its space and to serve it to others, should its asker die. */
  broadcast: z
    .object({
      id: matching(PATTERNS.messageId),
      time: natural,
      space: hash,
      genesis: bytes(WIRE_LIMITS.broadcastInline),
      /** The founder's first segment: it holds the `broadcast` record. */
      question: bytes(WIRE_LIMITS.broadcastInline),
      /** W3C `traceparent` of the asker's step, where somebody records what a question takes. */
      trace: optional(text(55)),
    })
    .check(z.refine(m => m.genesis.length + m.question.length <= WIRE_LIMITS.broadcastInline, 'too much inline')),
  ...CARD_MESSAGES,
  ...INDEX_MESSAGES,
  ...DELIVERY_MESSAGES,
  ...SUBJECT_MESSAGES,
  ...ADMISSION_MESSAGES,
  heads: z.object({ space: hash, heads: list(head, WIRE_LIMITS.headsPerMessage), full: z.boolean() }),
  /**
   * Heads of a crowd in short: 256 digests of 8 bytes, each of all logs whose id starts with that byte. The answer is
   * the heads of the buckets that differ, and with `ask` the other side's digests.
   */
  digests: z.object({ space: hash, digests: bytesOf(WIRE_LIMITS.bucketDigests), ask: z.boolean() }),
  want: z.object({ space: hash, ranges: list(range, WIRE_LIMITS.rangesPerMessage) }),
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
    live: optional(bytes(WIRE_LIMITS.checkpointPart)),
  }),
  /** "I lack the bytes of these ops": their log, the sequence of their entry, their number in the log. */
  ops_want: z.object({ space: hash, ops: list(z.tuple([logId, natural, natural]), WIRE_LIMITS.opsPerMessage) }),
  /** Bytes of ops by log and number; what they are is known by their hash. */
  ops: z.object({
    space: hash,
    ops: list(z.tuple([logId, natural, bytes(WIRE_LIMITS.op)]), WIRE_LIMITS.opsPerMessage),
  }),
  /** Chunks of an artifact, both ends included. `content`: sha(u48 bytes ‖ sha256 ‖ chunks) of its record. */
  chunk_want: z.object({ space: hash, content: hash, first: natural, last: natural }),
  /** Without bytes: "I don't hold it". */
  chunk: z.object({ space: hash, content: hash, n: natural, bytes: optional(bytes(ARTIFACT_LIMITS.chunk)) }),
  busy: z.object({ space: optional(hash), retryAfterMs: natural }),
  error: z.object({ code: text(32), re: optional(text(64)) }),
} as const

export type MessageType = keyof typeof MESSAGES
export type Message<T extends MessageType = MessageType> = {
  [P in T]: { type: P } & z.infer<(typeof MESSAGES)[P]>
}[T]
