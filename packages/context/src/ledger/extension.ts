/** A log that goes on: what is new in a segment becomes entries of its trunk, and their records. */
import type { SpaceLimits } from '@amp-mesh/protocol'
import { recordsOf } from './entry-records.ts'
import type { Forgetting } from './forgetting.ts'
import type { Hasher, Links } from './hasher.ts'
import type { AnyRecord } from './live-records.ts'
import type { Log } from './log.ts'
import { costOf, type Entry, type Segment } from './segment.ts'

/** How a space's entries are read. */
export interface Reading {
  readonly hasher: Hasher
  readonly limits: SpaceLimits
  readonly forgetting: Forgetting
}

/** The new records. `links`: of `segment`, which joins the trunk of `log`. */
export function extended(
  log: Log,
  segment: Segment,
  { hashes, rows }: Links,
  { hasher, limits, forgetting }: Reading,
): AnyRecord[] {
  const { trunk, id, ascii, by } = log
  const fresh: AnyRecord[] = []
  for (let i = trunk.end + 1 - segment.from; i < segment.entries.length; i++) {
    const entry = segment.entries[i] as Entry
    const place = { id, ascii, by, seq: trunk.end + 1, nextOp: trunk.nextOpAt(trunk.end) }
    const read = recordsOf(place, entry, rows[i] as Uint8Array, hasher, limits)
    const erased = log.inTrunk(place.seq) ? read.records.filter(record => forgetting.hasToGo(record)) : []
    const records = erased.length === 0 ? read.records : read.records.filter(record => !erased.includes(record))
    const spent = trunk.spentAt(trunk.end) + costOf([entry])
    const link = { hash: hashes[i] as Uint8Array, time: entry.time, spent, nextOp: place.nextOp + entry.ops.length }
    log.extend(link, records)
    for (const record of records) fresh.push(record)
    for (const hole of read.lacking) forgetting.lack(log, hole)
    for (const record of erased) forgetting.forget(log, record)
  }
  return fresh
}
