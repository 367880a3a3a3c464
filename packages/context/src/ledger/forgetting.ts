/** Ops without bytes: those that their author had forgotten, and holes, whose bytes are only missing here. Rule R11. */
import type { LogId, PublicKey, RecordId, SpaceLimits } from '@amp-mesh/protocol'
import type { ChangeLog } from './changes.ts'
import { recordsOf } from './entry-records.ts'
import type { Hasher } from './hasher.ts'
import type { Hole } from './hole.ts'
import { isKept, isOfKeptKind } from './kept.ts'
import type { AnyRecord, Sized } from './live-records.ts'
import type { Log } from './log.ts'
import { isForgotten, type Segment } from './segment.ts'

export class Forgetting {
  /** Who asked for a record to be forgotten. Claims of others than its author stand here too, and never count. */
  readonly #erasedBy = new Map<RecordId, Set<PublicKey>>()
  readonly #lacking = new Map<LogId, Map<number, Hole>>()
  readonly #hasher: Hasher
  readonly #limits: SpaceLimits
  readonly #changes: ChangeLog

  constructor(hasher: Hasher, limits: SpaceLimits, changes: ChangeLog) {
    this.#hasher = hasher
    this.#limits = limits
    this.#changes = changes
  }

  /** What `by` wants forgotten goes from its logs. Returns the record if it was there. */
  erase(id: RecordId, by: PublicKey, logs: readonly (Log | undefined)[]): AnyRecord | undefined {
    const all = this.#erasedBy.get(id) ?? new Set()
    this.#erasedBy.set(id, all.add(by))
    for (const log of logs) {
      const record = log?.trunkRecords.find(each => each.id === id)
      if (log === undefined || record === undefined || !this.hasToGo(record)) continue
      log.remove(id)
      this.forget(log, record)
      return record
    }
    return undefined
  }

  /** Its author erased it, and it is nothing that others count on. */
  hasToGo({ id, by, op }: AnyRecord): boolean {
    return this.isErased(id, by) && (op === undefined || !isOfKeptKind(op))
  }

  /** A record whose bytes came although its author wants them forgotten. */
  forget(log: Log, record: AnyRecord): void {
    const { id, seq, n } = record
    this.lack({ log: log.id, by: log.by, seq, n, length: (record as Sized).size, id })
    this.#changes.op({ log: log.id, seq, k: n - log.trunk.nextOpAt(seq - 1) })
  }

  /** Entries [from, to] are stored anew: what of them was forgotten is not to come back. */
  forgetAgain(log: Log, from: number, to: number): void {
    for (const { id, seq, n } of this.#lacking.get(log.id)?.values() ?? [])
      if (seq >= from && seq <= to && this.isErased(id, log.by))
        this.#changes.op({ log: log.id, seq, k: n - log.trunk.nextOpAt(seq - 1) })
  }

  /** Takes the bytes of a missing op: its records, at most one. Undefined: they are not what is missing. */
  fill(log: Log, n: number, bytes: Uint8Array): readonly AnyRecord[] | undefined {
    const hole = this.holeAt(log.id, n)
    // what is never forgotten can't have been here as a hash: the chain would be another
    if (hole === undefined || bytes.length !== hole.length || isKept(bytes)) return undefined
    const rows = this.#hasher.rows([bytes])
    if (this.#hasher.recordId(log.ascii, n, rows, 0) !== hole.id) return undefined
    this.#lacking.get(log.id)?.delete(n)
    const place = { id: log.id, ascii: log.ascii, by: log.by, seq: hole.seq, nextOp: n }
    const entry = { time: log.trunk.timeAt(hole.seq) ?? 0, ops: [bytes] }
    const { records } = recordsOf(place, entry, rows, this.#hasher, this.#limits)
    for (const record of records) log.insert(record)
    this.#changes.op({ log: log.id, seq: hole.seq, k: n - log.trunk.nextOpAt(hole.seq - 1), bytes })
    return records
  }

  /** A segment that we hold may have what we lack of it. */
  refill(log: Log, { from, entries }: Segment): AnyRecord[] {
    if (!this.#lacking.has(log.id)) return []
    return entries.flatMap(({ ops }, i) =>
      ops.flatMap((op, k) => {
        const n = log.trunk.nextOpAt(from + i - 1) + k
        return isForgotten(op) ? [] : (this.fill(log, n, op) ?? [])
      }),
    )
  }

  /** Whether bytes of a log are missing without its author's word. */
  lacks(log: LogId): boolean {
    return [...(this.#lacking.get(log)?.keys() ?? [])].some(n => this.holeAt(log, n) !== undefined)
  }

  /** Whether bytes of a log are missing, with or without its author's word. */
  has(log: LogId): boolean {
    return (this.#lacking.get(log)?.size ?? 0) > 0
  }

  /** By its author's own word. */
  isErased(id: RecordId, author: PublicKey): boolean {
    return this.#erasedBy.size > 0 && this.#erasedBy.get(id)?.has(author) === true
  }

  /** The bytes of this op did not come with its entry. */
  lack(hole: Hole): void {
    const ofLog = this.#lacking.get(hole.log) ?? new Map<number, Hole>()
    this.#lacking.set(hole.log, ofLog.set(hole.n, hole))
  }

  holeAt(log: LogId, n: number): Hole | undefined {
    const hole = this.#lacking.get(log)?.get(n)
    return hole === undefined || this.isErased(hole.id, hole.by) ? undefined : hole
  }

  /** What is asked for: whatever lacks its bytes without its author's word. */
  *holes(): Iterable<Hole> {
    for (const [log, ofLog] of this.#lacking)
      for (const n of ofLog.keys()) {
        const hole = this.holeAt(log, n)
        if (hole !== undefined) yield hole
      }
  }
}
