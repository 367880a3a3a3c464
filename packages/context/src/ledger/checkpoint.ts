/** Checkpoints: an author’s word for what of its log is alive, so that others need not replay it. CONTEXT.md §7. */
import { LEDGER_LIMITS, type Op, type Rec, type SpaceLimits } from '@amp-mesh/protocol'
import { isWithinBounds } from './bounds.ts'
import { recordsOf } from './entry-records.ts'
import type { Hasher } from './hasher.ts'
import { type AnyRecord, type Checkpoint, costOfLive, type LiveOp, liveOf, rootOf } from './live-records.ts'
import type { Log } from './log.ts'
import { readRecordOp } from './op.ts'
import { decodeSegment, isForgotten, type Segment } from './segment.ts'

/**
 * Whether a checkpoint is due before op `n` of entry `seq`: a function of the log only, so that nobody makes others
 * check one at every entry. Logs grow by as much again before the next, so checking costs as much as taking in.
 */
export function isDue(log: Log, seq: number, n: number, limits: SpaceLimits): boolean {
  const { seq: last, n: lastOp, live } = log.checkpoint ?? { seq: -1, n: -1, live: 0 }
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
    root: rootOf(live),
  }
}

/**
 * Takes a checkpoint record of a log into account. `isWhole`: no op of the log is missing; where one is nobody can tell
 * what is alive, and its author is believed as far as its own log goes.
 */
export function noteCheckpoint(log: Log, { seq, n, op }: Rec<'ckpt'>, isWhole: boolean, limits: SpaceLimits): void {
  if (!isDue(log, seq, n, limits)) return
  const live = liveOf(log.records.filter(record => record.n < n))
  const isTrue = op.upto === seq - 1 && op.ops === n && op.n === live.length && op.root === rootOf(live)
  if (isTrue || !isWhole)
    log.checkpoint = { seq, n, live: live.length, freed: log.trunk.spentAt(seq - 1) - costOfLive(live) }
  else log.liedAt ??= seq
}

/**
 * At least half of the bytes before it are dead: taking a log up there costs less than entry by entry. A log that keeps
 * its entries for want of that holds at most as many dead bytes as live ones, which the quota bounds.
 */
export const isShortcut = ({ trunk }: Log, { seq, freed }: Checkpoint): boolean => freed >= trunk.spentAt(seq - 1) / 2

/** What counts of a log’s quota up to entry `seq`: what was alive at the last checkpoint, and what came since. */
export const usedAt = (log: Log, spent: number): number => spent - (log.checkpoint?.freed ?? 0)

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
  return op.upto === at - 1 && records.length === op.n && rootOf(records) === op.root ? records : undefined
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
