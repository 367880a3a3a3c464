/** The knowledge graph of a space as agents use it: what they can say to it, and what it answers, with provenance. */
import type { Json } from './canonical-json.ts'
import type { AgentId, PeerId, RecordId } from './ids.ts'
import type { Kind, Op, Rec } from './vocabulary.ts'

/**
 * Where a record stands: CONTEXT.md §12. By the verifiers' opinions proposed, contested, verified, refuted or disputed;
 * `final` by a certificate of theirs; `retracted` by its author; `superseded` by a later word of its author, or because
 * a certificate gave its slot to another.
 */
export type Status =
  | 'proposed'
  | 'contested'
  | 'verified'
  | 'refuted'
  | 'disputed'
  | 'final'
  | 'retracted'
  | 'superseded'

/** Somebody's latest word for or against a record. */
export interface Voice {
  readonly by: AgentId
  /** ms since the epoch, by the speaker's clock. */
  readonly at: number
  /** A verifier of the space: only these decide a status. */
  readonly counts: boolean
  readonly why?: string
}

/** A record with its provenance: who said it and when, who verified it, and where it stands. */
export interface Known<K extends Kind = Kind> {
  readonly record: Rec<K>
  readonly status: Status
  readonly by: AgentId
  /** ms since the epoch, by the speaker's clock. */
  readonly at: number
  readonly supports: readonly Voice[]
  readonly refutes: readonly Voice[]
}

/** Steps from where the search began: a reference, or a link, is one. */
export type Near = Known & { readonly hops: number }

/** Cosine of the angle between the meanings of the words asked for and of the record's, 0..1. */
export type Recalled = Known & { readonly similarity: number }

/** All that is given must fit. Retracted and superseded records are left out unless `status` names them. */
export interface Pattern {
  /** Subject, predicate and object of facts and links. */
  s?: string
  p?: string
  o?: Json
  kind?: Kind | readonly Kind[]
  status?: Status | readonly Status[]
  /** Who said it: an agent, or any agent of a peer. */
  by?: AgentId | PeerId
  /** ms since the epoch, both inclusive. */
  since?: number
  until?: number
  /** The latest so many (default and most: 1,024). */
  limit?: number
}

/** What `propose` takes: a fact without who says it. */
export type FactInput = Pick<Op<'fact'>, 's' | 'p' | 'o' | 'text' | 'conf' | 'src' | 'slot'>

/** A record of a kind that can be replaced by a later one of its author. */
export type Replaceable = Extract<Op, { sup?: RecordId | undefined }>

/**
 * What is written resolves with its record once it is stored; it rejects with `bad-input`, `no-such-record`,
 * `not-allowed` (somebody else's record), and as the ledger does (`quota`, `stopped` …). What is read comes from this
 * peer's copy. All of it is asynchronous, so that an agent in a worker has the same.
 */
export interface Graph {
  /** A statement, open to others' judgement. */
  propose(fact: FactInput): Promise<Rec<'fact'>>
  /** A supposition. */
  suppose(text: string, options?: { about?: RecordId[]; conf?: number }): Promise<Rec<'hyp'>>
  /** Supports (1) or refutes (-1) a record, or withdraws one's judgement (0). `ev`: evidence, in words or addresses. */
  verify(id: RecordId, v: 1 | -1 | 0, why?: string, ev?: string[]): Promise<Rec<'verify'>>
  /** Replaces an own record by one of the same kind. */
  supersede<R extends Replaceable>(id: RecordId, op: R): Promise<Rec<R['k']>>
  /** Takes an own record back; `erase`: peers forget its bytes too. */
  retract(id: RecordId, options?: { erase?: true }): Promise<Rec<'retract'>>
  /** A relationship; `s` and `o` are record ids or names of things. */
  link(s: string, p: string, o: string): Promise<Rec<'link'>>
  /** "These contradict each other." */
  conflict(ids: RecordId[], why?: string): Promise<Rec<'conflict'>>
  thread(title: string, about?: RecordId[]): Promise<Rec<'thread'>>
  /** A message in a thread; `re`: the message it answers. */
  say(thread: RecordId, text: string, re?: RecordId): Promise<Rec<'msg'>>
  /** Caches a solved sub-problem. `context`: what it was solved for; for something else it is another problem. */
  solved(problem: string, result: Json, options?: { context?: Json; ev?: RecordId[] }): Promise<Rec<'solved'>>
  /** The solution of the same problem in the same context: a verified one before others, then the latest. */
  lookup(problem: string, context?: Json): Promise<Known<'solved'> | undefined>
  /** Adds to a counter, or takes away: this peer's part of it. Resolves with the counter's value. */
  count(name: string, by: number): Promise<number>
  /** Writes a register; whose words count says the beginning of its name (`own/<key>/`, `any/`, `q/`). */
  set(name: string, value: Json): Promise<Rec<'reg'>>
  /** Enters oneself for something that one may have, until a time (ms since the epoch) if given. */
  take(key: string, until?: number): Promise<Rec<'assign'>>
  /** Takes back what this peer entered for it. */
  release(key: string): Promise<Rec<'unassign'>[]>
  /** A known unknown. */
  gap(problem: string, options?: { context?: Json; about?: RecordId[]; prio?: number }): Promise<Rec<'gap'>>
  status(id: RecordId): Promise<Status>
  get(id: RecordId): Promise<Known | undefined>
  /** The sum of what all peers counted. */
  counter(name: string): Promise<number>
  /** The value that counts now; undefined while none does. */
  register(name: string): Promise<Known<'reg'> | undefined>
  /** Who entered for it, whoever holds it first: all peers with the same records see the same. */
  holders(key: string): Promise<string[]>
  /** Records that fit a pattern, earliest first. */
  query(pattern: Pattern): Promise<Known[]>
  /**
   * Records within `hops` (default 1, at most 8) of a record or a named thing, over references and links in both
   * directions: nearest first, at most 1,024.
   */
  around(start: RecordId | string, hops?: number): Promise<Near[]>
  /** The `k` (default 8, at most 256) live records whose words mean most nearly the same, closest first. */
  recall(text: string, k?: number, signal?: AbortSignal): Promise<Recalled[]>
}
