/** What counts of another history than the trunk, read as the log's own. */
import type { Rec, SpaceLimits } from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import type { Branch } from './branch.ts'
import { recordsOf } from './entry-records.ts'
import type { Hasher } from './hasher.ts'
import type { Hole } from './hole.ts'
import type { Adopted, Log } from './log.ts'
import { costOf, type Entry } from './segment.ts'
import type { Link } from './trunk.ts'

/** Entries [from, to] of `branch`, which follow the first `from` entries of the log's trunk; none without a branch. */
export function adoptedOf(
  log: Log,
  branch: Branch | undefined,
  from: number,
  to: number,
  hasher: Hasher,
  limits: SpaceLimits,
): Adopted {
  const links: Link[] = []
  const records: (Rec | Opaque)[] = []
  const lacking: Hole[] = []
  const { trunk, id, ascii, by } = log
  let { spent, nextOp } = { spent: trunk.spentAt(from - 1), nextOp: trunk.nextOpAt(from - 1) }
  for (let seq = from; seq <= to && branch !== undefined; seq++) {
    const entry = branch.entry(seq) as Entry
    const prev = branch.hashAt(seq - 1) as Uint8Array
    const [rows] = hasher.of({ pub: log.pub, epoch: log.epoch, from: seq, prev, entries: [entry] }).rows
    const read = recordsOf({ id, ascii, by, seq, nextOp }, entry, rows as Uint8Array, hasher, limits)
    records.push(...read.records)
    lacking.push(...read.lacking)
    spent += costOf([entry])
    nextOp += entry.ops.length
    links.push({ hash: branch.hashAt(seq) as Uint8Array, time: entry.time, spent, nextOp })
  }
  return { links, records, lacking }
}
