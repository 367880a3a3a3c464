/** The index over a space's record set, which every view reads. Equal sets give equal answers. */
import type { Kind, LogId, Op, PublicKey, Rec, RecordId } from '@amp-mesh/protocol'
import { referencesOf } from './references.ts'
import { noVotes, type VoteCheck } from './votes.ts'

/** A record this version can't read: kept, counted, passed on, and seen by no view. */
export type Opaque = Omit<Rec, 'op'> & { readonly op?: undefined }

/** Where a record stands by its own author's word. */
export type Standing = 'live' | 'superseded' | 'retracted'

/** Last sequence of a log that the records reach. */
export type RecordHead = readonly [log: LogId, seq: number]

const none: readonly never[] = []

/** Read-only to views; the replica alone calls `add` and `reset`. */
export class Records {
  /** Whether a vote is what it claims to be. Votes are checked when views count them, not when they arrive. */
  readonly checkVote: VoteCheck
  #version = 0
  #resets = 0
  #forked: ReadonlySet<PublicKey> = new Set()
  readonly #byId = new Map<RecordId, Rec>()
  readonly #opaque = new Set<RecordId>()
  readonly #byKind = new Map<Kind, Rec[]>()
  readonly #heads = new Map<LogId, number>()
  /** Who took a record back or replaced it. Claims of others stand here too, and never count. */
  readonly #retractedBy = new Map<RecordId, Set<string>>()
  readonly #supersededBy = new Map<RecordId, Set<string>>()
  readonly #referencing = new Map<RecordId, Rec[]>()
  readonly #live = new Map<Kind, Rec[]>()

  /** `checkVote`: see {@link voteCheck}; by default no vote counts. */
  constructor(checkVote: VoteCheck = noVotes) {
    this.checkVote = checkVote
  }

  /** Grows with every change: equal versions of one index mean equal answers. */
  get version(): number {
    return this.#version
  }

  get size(): number {
    return this.#byId.size
  }

  /** Number of records that this version can't read. */
  get opaque(): number {
    return this.#opaque.size
  }

  /** Every readable record, the retracted ones too, in no particular order. */
  all(): Iterable<Rec> {
    return this.#byId.values()
  }

  get(id: RecordId): Rec | undefined {
    return this.#byId.get(id)
  }

  /** True for readable and opaque records of this space. */
  has(id: RecordId): boolean {
    return this.#byId.has(id) || (this.#opaque.size > 0 && this.#opaque.has(id))
  }

  /** Live records of a kind, earliest first by (time, log, n). */
  of<K extends Kind>(kind: K): readonly Rec<K>[] {
    let live = this.#live.get(kind)
    if (live === undefined) {
      live = (this.#byKind.get(kind) ?? none).filter(record => this.isLive(record.id)).sort(inOrder)
      this.#live.set(kind, live)
    }
    return live as readonly Rec[] as readonly Rec<K>[]
  }

  /** Every record of a kind, the retracted and superseded ones too, earliest first. */
  history<K extends Kind>(kind: K): readonly Rec<K>[] {
    return [...(this.#byKind.get(kind) ?? none)].sort(inOrder) as readonly Rec[] as readonly Rec<K>[]
  }

  /** Records of a kind in the order they came, from the `from`-th on; all over again once {@link resets} has grown. */
  arrived<K extends Kind>(kind: K, from: number): readonly Rec<K>[] {
    return (this.#byKind.get(kind) ?? none).slice(from) as readonly Rec[] as readonly Rec<K>[]
  }

  /** How often records were taken away. */
  get resets(): number {
    return this.#resets
  }

  /** Authors proven to have forked a log of theirs in this space. */
  get forked(): ReadonlySet<PublicKey> {
    return this.#forked
  }

  /** Neither retracted nor superseded by its own author; false for records that are not here. */
  isLive(id: RecordId): boolean {
    return this.standing(id) === 'live'
  }

  standing(id: RecordId): Standing | undefined {
    const record = this.#byId.get(id)
    if (record === undefined) return undefined
    if (this.#retractedBy.get(id)?.has(record.by)) return 'retracted'
    return this.#supersededBy.get(id)?.has(record.by) ? 'superseded' : 'live'
  }

  /** Live records that point at `id` (for, parent, of, references …), earliest first. */
  referencing(id: RecordId): readonly Rec[] {
    return (this.#referencing.get(id) ?? none).filter(record => this.isLive(record.id)).sort(inOrder)
  }

  /** Every record that ever pointed at `id`, the retracted ones too, in no particular order. */
  everReferencing(id: RecordId): readonly Rec[] {
    return this.#referencing.get(id) ?? none
  }

  /** How far each log reaches, in order of log ids. */
  heads(): readonly RecordHead[] {
    return [...this.#heads].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Returns what is readable of it. */
  add(records: Iterable<Rec | Opaque>): Rec[] {
    const added = [...records]
    if (added.length === 0) return []
    for (let i = 0; i < added.length; i++) {
      const record = added[i] as Rec | Opaque
      const next = added[i + 1]
      // records come by the log: the last one of those that stand behind each other says how far it reaches
      if (next?.log !== record.log || next.seq < record.seq) this.#reach(record)
      this.#index(record)
    }
    this.#changed()
    return added.filter(record => record.op !== undefined)
  }

  /** These authors are proven to have forked; nobody ceases to be. */
  noteForks(authors: ReadonlySet<PublicKey>): void {
    if (authors.size === this.#forked.size) return
    this.#forked = authors
    this.#changed()
  }

  /** Starts again: a fork or a lost admission took records away. Returns what is readable and was not here before. */
  reset(records: Iterable<Rec | Opaque>): Rec[] {
    const before = new Set(this.#byId.keys())
    for (const part of [this.#byId, this.#opaque, this.#byKind, this.#heads, this.#referencing]) part.clear()
    this.#retractedBy.clear()
    this.#supersededBy.clear()
    this.#resets++
    this.#changed() // also when nothing is left
    return this.add(records).filter(({ id }) => !before.has(id))
  }

  #changed(): void {
    if (this.#live.size > 0) this.#live.clear() // which makes a new table
    this.#version++
  }

  #reach({ log, seq }: Rec | Opaque): void {
    if (seq > (this.#heads.get(log) ?? -1)) this.#heads.set(log, seq)
  }

  #index(record: Rec | Opaque): void {
    if (record.op === undefined) {
      this.#opaque.add(record.id)
      return
    }
    const before = this.#byId.size
    this.#byId.set(record.id, record)
    if (this.#byId.size === before) return // it was here already
    push(this.#byKind, record.op.k, record)
    for (const target of referencesOf(record.op)) push(this.#referencing, target, record)
    if (record.op.k === 'retract') mark(this.#retractedBy, record.op.of, record.by)
    const replaced = supersedes(record.op)
    if (replaced !== undefined) mark(this.#supersededBy, replaced, record.by)
  }
}

/** Order of all lists of records: (time, log, n). A total order, the same everywhere. */
export const inOrder = (a: Placed, b: Placed): number => (a.time !== b.time ? a.time - b.time : inLogOrder(a, b))

/** (log, n): log by log. */
export function inLogOrder(a: Omit<Placed, 'time'>, b: Omit<Placed, 'time'>): number {
  if (a.log !== b.log) return a.log < b.log ? -1 : 1
  return a.n - b.n
}

type Placed = Pick<Rec, 'time' | 'log' | 'n'>

const supersedes = (op: Op): RecordId | undefined => ('sup' in op ? op.sup : undefined)

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

function mark<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}
