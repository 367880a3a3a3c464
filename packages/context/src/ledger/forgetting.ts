/** Ops without bytes: those that their author had forgotten, and holes, whose bytes are only missing here. Rule R11. */
import type { PublicKey, Rec, RecordId, SpaceLimits } from '@amp-mesh/protocol'
import type { ChangeLog } from './changes.ts'
import { recordsOf } from './entry-records.ts'
import { withOp } from './fork.ts'
import type { Hasher } from './hasher.ts'
import type { Hole } from './hole.ts'
import { isKept, isOfKeptKind } from './kept.ts'
import type { AnyRecord, Sized } from './live-records.ts'
import type { Log } from './log.ts'
import { isForgotten, type Segment } from './segment.ts'

export class Forgetting {
  /** Who asked for a record to be forgotten. Claims of others than its author stand here too, and never count. */
  readonly #words = new Map<RecordId, Rec<'retract'>[]>()
  /** Of trunks; what other histories lack they know themselves. */
  readonly #lacking = new Map<Log, Map<number, Hole>>()
  readonly #forked: ReadonlySet<Log>
  readonly #hasher: Hasher
  readonly #limits: SpaceLimits
  readonly #changes: ChangeLog

  /** `forked`: the logs with more than one history. */
  constructor(hasher: Hasher, limits: SpaceLimits, changes: ChangeLog, forked: ReadonlySet<Log>) {
    this.#forked = forked
    this.#hasher = hasher
    this.#limits = limits
    this.#changes = changes
  }

  /** What an author wants forgotten goes from its `logs`. False: it was not there. */
  erase(word: Rec<'retract'>, logs: readonly (Log | undefined)[]): boolean {
    this.#note(word)
    for (const log of logs) {
      const record = log?.records.find(({ id }) => id === word.op.of)
      if (log === undefined || record === undefined || !this.hasToGo(record)) continue
      log.remove(record)
      this.forget(log, record)
      return true
    }
    return false
  }

  /**
   * Other words count than before: so may other erasures. What a word erased that counts no more is missing here now,
   * and others are asked for it.
   */
  reconsider(logs: readonly Log[]): void {
    this.#words.clear()
    for (const { records } of logs) for (const record of records) if (isErasure(record)) this.#note(record)
    for (const log of logs)
      for (const record of log.records.filter(each => this.hasToGo(each))) {
        log.remove(record)
        this.forget(log, record)
      }
  }

  /** Its author erased it, and it is nothing that others count on. */
  hasToGo({ id, by, op }: AnyRecord): boolean {
    return this.isErased(id, by) && (op === undefined || !isOfKeptKind(op))
  }

  /** A record whose bytes came although its author wants them forgotten. */
  forget(log: Log, record: AnyRecord): void {
    const { id, seq, n } = record
    if (!log.inTrunk(seq)) return // of other histories the bytes are kept, and shown to nobody
    if (log.trunk.start !== log.checkpoint?.seq) log.stated.erased(n)
    this.lack(log, { log: log.id, by: log.by, seq, n, length: (record as Sized).size, id })
    this.#changes.op({ log: log.id, seq, k: n - log.trunk.nextOpAt(seq - 1) })
  }

  /** Entries [from, to] are stored anew: what of them was forgotten is not to come back. */
  forgetAgain(log: Log, from: number, to: number): void {
    for (const { id, seq, n } of this.#lacking.get(log)?.values() ?? [])
      if (seq >= from && seq <= to && this.isErased(id, log.by))
        this.#changes.op({ log: log.id, seq, k: n - log.trunk.nextOpAt(seq - 1) })
  }

  /** Takes the bytes of a missing op: its records, at most one. Undefined: they are not what is missing. */
  fill(log: Log, n: number, bytes: Uint8Array): readonly AnyRecord[] | undefined {
    const hole = this.holeAt(log, n)
    // what is never forgotten can't have been here as a hash: the chain would be another
    if (hole === undefined || bytes.length !== hole.length || isKept(bytes)) return undefined
    const rows = this.#hasher.rows([bytes])
    if (this.#hasher.recordId(log.ascii, n, rows, 0) !== hole.id) return undefined
    const { seq } = hole
    const k = n - log.nextOpAt(seq - 1)
    const place = { id: log.id, ascii: log.ascii, by: log.by, seq, nextOp: n }
    const entry = { time: log.timeAt(seq) ?? 0, ops: [bytes] }
    const { records } = recordsOf(place, entry, rows, this.#hasher, this.#limits)
    log.insert(hole, records)
    if (log.inTrunk(seq)) {
      this.#lacking.get(log)?.delete(n)
      this.#changes.op({ log: log.id, seq, k, bytes })
    } else if (log.fork !== undefined) {
      log.fork = withOp(log.fork, seq, log.hashAt(seq), k, bytes)
      this.#changes.fork(log.id)
    }
    return records
  }

  /** A segment that we hold may have what we lack of it. */
  refill(log: Log, { from, entries }: Segment): AnyRecord[] {
    if (!this.has(log)) return []
    return entries.flatMap(({ ops }, i) =>
      ops.flatMap((op, k) => {
        const n = log.nextOpAt(from + i - 1) + k
        return isForgotten(op) ? [] : (this.fill(log, n, op) ?? [])
      }),
    )
  }

  /** Whether bytes of a log are missing without its author's word. */
  lacks(log: Log): boolean {
    return [...(this.#lacking.get(log)?.keys() ?? [])].some(n => this.holeAt(log, n) !== undefined)
  }

  /** Whether bytes of a log are missing, with or without its author's word. */
  has(log: Log): boolean {
    return (this.#lacking.get(log)?.size ?? 0) > 0 || log.lackingBeside.length > 0
  }

  /** By its author's own word. */
  isErased(id: RecordId, author: PublicKey): boolean {
    return this.#words.size > 0 && this.#words.get(id)?.some(({ by }) => by === author) === true
  }

  /** Whether an op before the n-th is missing that was not erased by then: what was alive there nobody here knows. */
  lacksBefore(log: Log, n: number): boolean {
    for (const hole of this.#lacking.get(log)?.values() ?? [])
      if (hole.n < n && !this.#words.get(hole.id)?.some(word => word.log === log.id && word.n < n)) return true
    return false
  }

  /** This log is held in another way from now on. */
  drop(log: Log): void {
    this.#lacking.delete(log)
  }

  /** The bytes of this op did not come with its entry. */
  lack(log: Log, hole: Hole): void {
    const ofLog = this.#lacking.get(log) ?? new Map<number, Hole>()
    this.#lacking.set(log, ofLog.set(hole.n, hole))
  }

  holeAt(log: Log, n: number): Hole | undefined {
    const ofTrunk = this.#lacking.get(log)?.get(n)
    const hole = ofTrunk && log.inTrunk(ofTrunk.seq) ? ofTrunk : log.lackingBeside.find(each => each.n === n)
    return hole === undefined || this.isErased(hole.id, hole.by) ? undefined : hole
  }

  /** What is asked for: whatever lacks its bytes without its author's word. */
  *holes(): Iterable<Hole> {
    for (const [log, ofLog] of this.#lacking)
      for (const hole of ofLog.values()) if (log.inTrunk(hole.seq) && !this.isErased(hole.id, hole.by)) yield hole
    for (const { lackingBeside } of this.#forked)
      for (const hole of lackingBeside) if (!this.isErased(hole.id, hole.by)) yield hole
  }

  /**
   * So many of the holes at most: of each log about as many, others each `turn`. Who leaves holes that nobody can fill
   * keeps nobody from asking for those of others.
   */
  someHoles(count: number, turn: number): Hole[] {
    const byLog = [...Map.groupBy(this.holes(), ({ log }) => log).values()]
    const share = Math.max(1, Math.floor(count / byLog.length))
    const some = byLog.map(holes => turned(holes, turn * share).slice(0, share))
    return turned(some, turn * count)
      .flat()
      .slice(0, count)
  }

  #note(word: Rec<'retract'>): void {
    this.#words.set(word.op.of, [...(this.#words.get(word.op.of) ?? []), word])
  }
}

/** The same list, begun at another place. */
const turned = <T>(list: readonly T[], by: number): T[] => [
  ...list.slice(by % list.length),
  ...list.slice(0, by % list.length),
]

const isErasure = (record: AnyRecord): record is Rec<'retract'> =>
  record.op?.k === 'retract' && record.op.erase === true
