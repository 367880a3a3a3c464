/** Checkpoints: an author’s word for what of its log is alive, so that others need not replay it. CONTEXT.md §7. */
import { LEDGER_LIMITS, type Op, type Rec, type SpaceLimits } from '@amp-mesh/protocol'
import { isWithinBounds } from './bounds.ts'
import { recordsOf } from './entry-records.ts'
import type { Forgetting } from './forgetting.ts'
import type { Hasher } from './hasher.ts'
import { type AnyRecord, type Checkpoint, costOfLive, type LiveOp, liveOf, rootOf } from './live-records.ts'
import type { Log } from './log.ts'
import { readRecordOp } from './op.ts'
import { decodeSegment, isForgotten, type Segment } from './segment.ts'
import { saysOf } from './stated.ts'

/**
 * Whether a checkpoint is due before op `n` of entry `seq`: a function of the log only, so that nobody makes others
 * check one at every entry. Logs grow by as much again before the next, so checking costs as much as taking in.
 */
export function isDue(log: Log, seq: number, n: number, limits: SpaceLimits): boolean {
  const { seq: last, n: lastOp, live } = log.stated.due ?? { seq: -1, n: -1, live: 0 }
  const bytes = log.trunk.spentAt(seq - 1) - (last < 0 ? 0 : log.trunk.spentAt(last))
  return n - lastOp - 1 >= Math.max(LEDGER_LIMITS.checkpointOps, live) || bytes >= limits.quota / 4
}

/** The checkpoint an author writes as the next entry of its log. */
export function checkpointOp(log: Log): Op<'ckpt'> {
  const live = liveOf(log.records)
  return {
    k: 'ckpt',
    upto: log.length - 1,
    ops: log.trunk.nextOpAt(log.length - 1),
    n: live.length,
    size: costOfLive(live),
    root: rootOf(live),
  }
}

/** Takes a checkpoint record of a log into account, where one is due. */
export function noteCheckpoint(log: Log, record: Rec<'ckpt'>, forgetting: Forgetting, limits: SpaceLimits): void {
  if (!isDue(log, record.seq, record.n, limits)) return
  log.stated.note(record, recordsBefore(log, record.n, forgetting), log.trunk.spentAt(record.seq - 1))
}

/** Bytes that were missing came: what could not be checked for want of them may be now. */
export function recheckCheckpoints(log: Log, forgetting: Forgetting): void {
  if (log.stated.uncheckedAt !== undefined && !forgetting.lacks(log))
    log.stated.recheck(n => recordsBefore(log, n, forgetting))
}

const recordsBefore = (log: Log, n: number, forgetting: Forgetting): AnyRecord[] | undefined =>
  forgetting.lacksBefore(log, n) ? undefined : log.records.filter(record => record.n < n)

/**
 * At least half of the bytes before it are dead: taking a log up there costs less than entry by entry. A log that keeps
 * its entries for want of that holds at most as many dead bytes as live ones, which the quota bounds.
 */
export const isShortcut = ({ size, spent }: Checkpoint): boolean => size <= spent / 2

/**
 * What counts of a log’s quota, of so many bytes spent: what was alive at the last checkpoint that a quorum stands
 * behind, and what came since. Who does not know of the quorum yet takes the rest later.
 */
export const usedAt = (log: Log, spent: number): number => spent - log.stated.freed

/** The live records a checkpoint hands on, as records of `log`; undefined if they are not those its author signed. */
export function readLive(
  log: Log,
  { seq: at, op }: { readonly seq: number; readonly op: Op<'ckpt'> },
  live: readonly LiveOp[],
  hasher: Hasher,
  limits: SpaceLimits,
): AnyRecord[] | undefined {
  const records: AnyRecord[] = []
  let before = -1
  for (const { n, seq, time, bytes } of live) {
    if (n <= before || n >= op.ops || seq >= at || bytes.length > limits.op) return undefined
    before = n
    const place = { id: log.id, ascii: log.ascii, by: log.by, seq, nextOp: n }
    records.push(...recordsOf(place, { time, ops: [bytes] }, hasher.rows([bytes]), hasher, limits).records)
  }
  return op.upto === at - 1 && saysOf(op, records) ? records : undefined
}

/** The segment that `bytes` are, if it begins with a checkpoint; undefined for everything else. */
export function checkpointIn(
  bytes: Uint8Array,
  limits: SpaceLimits,
): { readonly segment: Segment; readonly op: Op<'ckpt'> } | undefined {
  let segment: Segment
  try {
    segment = decodeSegment(bytes)
  } catch {
    return undefined
  }
  const [first, ...others] = segment.entries[0]?.ops ?? []
  if (first === undefined || isForgotten(first) || others.length > 0) return undefined
  const op = isWithinBounds(segment, limits) ? readRecordOp(first, limits)?.op : undefined
  return op?.k === 'ckpt' ? { segment, op } : undefined
}
