/** Ops without bytes: those that their author had forgotten, and holes, whose bytes are only missing here. Rule R11. */
import type { LogId, PublicKey, RecordId } from '@amp-mesh/protocol'

/** An op of which only the hash is here. */
export interface Hole {
  readonly log: LogId
  readonly by: PublicKey
  /** Sequence of its entry, and its number in the log. */
  readonly seq: number
  readonly n: number
  readonly id: RecordId
}

export class Forgetting {
  /** Who asked for a record to be forgotten. Claims of others than its author stand here too, and never count. */
  readonly #erasedBy = new Map<RecordId, Set<PublicKey>>()
  readonly #leaves = new Map<LogId, Map<number, Hole>>()

  erase(id: RecordId, by: PublicKey): void {
    const all = this.#erasedBy.get(id) ?? new Set()
    this.#erasedBy.set(id, all.add(by))
  }

  /** By its author's own word. */
  isErased(id: RecordId, author: PublicKey): boolean {
    return this.#erasedBy.size > 0 && this.#erasedBy.get(id)?.has(author) === true
  }

  /** The bytes of this op did not come with its entry. */
  lack(hole: Hole): void {
    const ofLog = this.#leaves.get(hole.log) ?? new Map<number, Hole>()
    this.#leaves.set(hole.log, ofLog.set(hole.n, hole))
  }

  /** The bytes came. */
  fill({ log, n }: Hole): void {
    this.#leaves.get(log)?.delete(n)
  }

  holeAt(log: LogId, n: number): Hole | undefined {
    const hole = this.#leaves.get(log)?.get(n)
    return hole === undefined || this.isErased(hole.id, hole.by) ? undefined : hole
  }

  /** What is asked for: whatever lacks its bytes without its author's word. */
  *holes(): Iterable<Hole> {
    for (const [log, ofLog] of this.#leaves)
      for (const n of ofLog.keys()) {
        const hole = this.holeAt(log, n)
        if (hole !== undefined) yield hole
      }
  }
}
