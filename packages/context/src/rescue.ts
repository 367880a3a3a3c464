/**
 * Saying again what a fork of our own log took away, in the next epoch: CONTEXT.md §6. What is said again is another
 * record with another id; own references to what was said again follow it, those of others can't.
 */
import { canonicalText, type Kind, type LogId, type Op, type Random, type Rec, type RecordId } from '@amp-mesh/protocol'
import type { Ledger } from './ledger/ledger.ts'
import type { Records } from './records.ts'
import type { Timers } from './timers.ts'

export interface RescueInit {
  ledger: Ledger
  /** Our own logs, of all epochs. */
  own: readonly LogId[]
  /** The index, to find what was said again already. */
  records: Pick<Records, 'all' | 'isLive'>
  timers: Timers
  random: Random
  append(ops: readonly Op[]): Promise<Rec[]>
  onFailure(error: unknown): void
}

/** How long after a fork of our own log what it took away is said again, ms: acks may yet keep a part of it. */
const RESCUE_MS = 5_000

/**
 * Not said again, since they are about the log itself or a moment that is over: what is held, what was seen, and the
 * checkpoints of the lost log.
 */
const LEFT: ReadonlySet<Kind> = new Set<Kind>(['ack', 'settle', 'ckpt'])
/** Records appended at once: an entry holds 256 KiB, an op at most 16. */
const BATCH = 16

export class Rescue {
  readonly #init: RescueInit

  constructor(init: RescueInit) {
    this.#init = init
  }

  /** These logs forked, or more of their fork is known: an own one among them is rescued before long. */
  note(forks: readonly LogId[]): void {
    const { own, timers, random, onFailure } = this.#init
    if (timers.has('rescue') || !forks.some(log => own.includes(log))) return
    timers.after('rescue', RESCUE_MS * (1 + random.float()), () => {
      this.now().catch(onFailure)
    })
  }

  /** Resolves with the new records. What stands already, word for word, is not said twice. */
  async now(): Promise<Rec[]> {
    const { ledger, own, records, append } = this.#init
    const lost = own.flatMap(id => ledger.log(id) ?? []).flatMap(log => ledger.forks.lost(log))
    const renamed = new Map<RecordId, RecordId>()
    const standing = standingOf(lost, records)
    const rescued: Rec[] = []
    let batch: { readonly was: RecordId; readonly op: Op }[] = []
    const flush = async () => {
      if (batch.length === 0) return
      const written = await append(batch.map(({ op }) => op))
      for (const [i, { was }] of batch.entries()) renamed.set(was, (written[i] as Rec).id)
      rescued.push(...written)
      batch = []
    }
    for (const { id, op } of lost) {
      if (LEFT.has(op.k)) continue
      if (batch.length === BATCH || batch.some(({ was }) => mentions(op, was))) await flush()
      const again = withRenamed(op, renamed)
      const twin = standing.get(textOf(again))
      if (twin !== undefined) renamed.set(id, twin)
      else if (!isVoteOnAnother(op, again)) batch.push({ was: id, op: again })
    }
    await flush()
    return rescued
  }
}

/** By what they say: the author's live records that count. */
function standingOf(lost: readonly Rec[], records: RescueInit['records']): Map<string, RecordId> {
  const standing = new Map<string, RecordId>()
  for (const { id, by, op } of records.all()) if (by === lost[0]?.by && records.isLive(id)) standing.set(textOf(op), id)
  return standing
}

/** A vote is signed for one record, and given once for ever. */
const isVoteOnAnother = (op: Op, again: Op) =>
  op.k === 'verify' && again.k === 'verify' && op.vs !== undefined && op.of !== again.of

const textOf = (op: Op): string => canonicalText(op)
const mentions = (op: Op, id: RecordId): boolean => JSON.stringify(op).includes(id)

/** Ids are hashes: text that equals one means it. */
function withRenamed(op: Op, renamed: ReadonlyMap<RecordId, RecordId>): Op {
  const again: unknown = JSON.parse(JSON.stringify(op), (_, value: unknown) =>
    typeof value === 'string' ? (renamed.get(value) ?? value) : value,
  )
  return again as Op
}
