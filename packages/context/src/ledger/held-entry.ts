/** An entry that passed all rules, as a log holds it: its hash, what it cost, and rule R10's records. */
import { type LogId, type PublicKey, type Rec, recordIdOf, type SpaceLimits } from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import { readRecordOp } from './op.ts'
import { costOf, type Entry, isForgotten, leafOf } from './segment.ts'

export interface HeldEntry extends Entry {
  readonly hash: Uint8Array
  /** Quota the log has used up to and with this entry, and number of the op that follows it. */
  readonly spent: number
  readonly nextOp: number
  readonly records: readonly (Rec | Opaque)[]
}

/** The log an entry is in, and its place there. */
export interface Place {
  readonly by: PublicKey
  readonly log: LogId
  readonly seq: number
}

/** R10: every op becomes a record, an opaque one, or nothing but a number. `before`: the entry before, if any. */
export function heldEntry(
  { time, ops }: Entry,
  hash: Uint8Array,
  place: Place,
  before: HeldEntry | undefined,
  limits: SpaceLimits,
): HeldEntry {
  const first = before?.nextOp ?? 0
  const records = ops.flatMap((bytes, k) => {
    const read = isForgotten(bytes) ? undefined : readRecordOp(bytes, limits)
    if (read === undefined) return []
    const record = { id: recordIdOf(place.log, first + k, leafOf(bytes)), ...place, time, n: first + k }
    return [read.op === undefined ? record : { ...record, op: read.op }]
  })
  return { time, ops, hash, spent: (before?.spent ?? 0) + costOf([{ ops }]), nextOp: first + ops.length, records }
}
