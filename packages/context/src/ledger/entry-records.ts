/** Rule R10: what the ops of an accepted entry are: records, opaque ones, or nothing but numbers. */
import type { Rec, SpaceLimits } from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import type { Hasher } from './hasher.ts'
import type { Hole } from './hole.ts'
import type { Sized } from './live-records.ts'
import type { Log } from './log.ts'
import { readRecordOps } from './op.ts'
import { type Entry, isForgotten } from './segment.ts'

/** The log an entry is in, and its place there: its sequence, and the number of its first op. */
export interface Place extends Pick<Log, 'id' | 'ascii' | 'by'> {
  readonly seq: number
  readonly nextOp: number
}

/** What an entry says, and the ops whose bytes it lacks. */
export interface EntryRecords {
  readonly records: (Rec | Opaque)[]
  readonly lacking: Hole[]
}

/** Records of the entry at `place`. `rows`: lengths and hashes of its ops. */
export function recordsOf(
  { id: logId, ascii, by, seq, nextOp }: Place,
  { time, ops }: Entry,
  rows: Uint8Array,
  hasher: Hasher,
  limits: SpaceLimits,
): EntryRecords {
  const records: (Rec | Opaque)[] = []
  const lacking: Hole[] = []
  const said = readRecordOps(ops, limits)
  for (let k = 0; k < ops.length; k++) {
    const bytes = ops[k] as Entry['ops'][number]
    const n = nextOp + k
    if (isForgotten(bytes)) {
      lacking.push({ log: logId, by, seq, n, length: bytes.length, id: hasher.recordId(ascii, n, rows, k) })
      continue
    }
    const read = said[k]
    if (read === undefined) continue
    const { op } = read
    // one shape for all records: a million of them share it
    const id = hasher.recordId(ascii, n, rows, k)
    records.push({ id, by, log: logId, seq, n, time, op, size: bytes.length } as Sized)
  }
  return { records, lacking }
}
