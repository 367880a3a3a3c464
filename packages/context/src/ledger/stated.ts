/** What an author stated of its own log: its checkpoints, whether they are true, and the quota they give back. */
import type { Op, Rec } from '@amp-mesh/protocol'
import { type AnyRecord, type Checkpoint, costOfLive, liveOf, rootOf } from './live-records.ts'

export class Stated {
  /** The last one where one was due, true or not: whether a next one is due follows from the chain alone. */
  due: Checkpoint | undefined
  /** The last one that was found true here, of which nothing was erased since: others can be given it. */
  last: Checkpoint | undefined
  /** The one the log begins with here, if entries before it are not held. */
  first: Checkpoint | undefined
  /** The entry in which the author stated a false one: nobody should rely on what comes after. */
  liedAt: number | undefined
  /** Bytes that count no more of the log's quota: dead at the last one that a quorum of verifiers stands behind. */
  freed = 0
  /** Those of which bytes are missing here, so that nobody can tell. */
  #unchecked: Rec<'ckpt'>[] = []
  /** Those that no quorum stands behind yet, by what they say. */
  #unproven: Checkpoint[] = []

  /** The log begins here. */
  begin(checkpoint: Checkpoint): void {
    this.due = checkpoint
    this.last = checkpoint
    this.first = checkpoint
  }

  /** What came before the last one is let go of. */
  pruned(): void {
    this.first = this.last
  }

  /** One that is due. `before`: the records before it, undefined where some are missing; `spent`: the cost of all. */
  note(record: Rec<'ckpt'>, before: readonly AnyRecord[] | undefined, spent: number): void {
    const { seq, n, op } = record
    const checkpoint = { seq, n, live: op.n, size: op.size, spent }
    this.due = checkpoint
    this.#unproven.push(checkpoint)
    if (before === undefined) this.#unchecked.push(record)
    else if (isTrue(record, before)) this.last = checkpoint
    else this.liedAt ??= seq
  }

  /** Bytes came that were missing. `before`: the records before the n-th op, undefined where some are missing still. */
  recheck(before: (n: number) => readonly AnyRecord[] | undefined): void {
    this.#unchecked = this.#unchecked.filter(record => {
      const records = before(record.n)
      if (records !== undefined && !isTrue(record, records)) this.liedAt ??= record.seq
      return records === undefined
    })
  }

  /** A quorum of verifiers holds the log up to `final`: f+1 honest ones of them found true what is stated there. */
  settle(final: number): void {
    const proven = this.#unproven.findLast(({ seq }) => seq <= final)
    if (proven === undefined) return
    this.freed = proven.spent - proven.size
    this.#unproven = this.#unproven.filter(({ seq }) => seq > proven.seq)
    this.#unchecked = this.#unchecked.filter(({ seq }) => seq > proven.seq)
  }

  /** A record was erased that the last checkpoint may call alive: what is left can't be handed on in its name. */
  erased(n: number): void {
    if (this.last !== undefined && n < this.last.n) this.last = undefined
  }

  get isSettled(): boolean {
    return this.#unproven.length === 0
  }

  /** The first entry from which on nothing can be told here: no verifier vouches for that. */
  get uncheckedAt(): number | undefined {
    return this.#unchecked[0]?.seq
  }
}

function isTrue({ seq, n, op }: Rec<'ckpt'>, before: readonly AnyRecord[]): boolean {
  const live = liveOf(before)
  return op.upto === seq - 1 && op.ops === n && saysOf(op, live)
}

/** Whether these are the records that a checkpoint calls alive. */
export const saysOf = ({ n, size, root }: Op<'ckpt'>, live: readonly AnyRecord[]): boolean =>
  n === live.length && size === costOfLive(live) && root === rootOf(live)
