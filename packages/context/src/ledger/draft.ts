/** An own entry on its way into the ledger: what its author has to sign. */
import { AmpError, type SpaceLimits } from '@amp-mesh/protocol'
import { isWithinBounds } from './bounds.ts'
import { usedAt } from './checkpoint.ts'
import type { Hasher } from './hasher.ts'
import type { Log } from './log.ts'
import { costOf, encodeSegment } from './segment.ts'

export interface Draft {
  readonly hash: Uint8Array
  /** The segment to ingest. */
  finish(signature: Uint8Array): Uint8Array
}

/** The entry after the end of an own log. Throws `quota`, `too-large`, `frozen`. `now`: ms since the epoch. */
export function draftOf(log: Log, ops: readonly Uint8Array[], now: number, hasher: Hasher, limits: SpaceLimits): Draft {
  if (log.fork !== undefined) throw new AmpError('frozen', 'this log forked; write in the next epoch')
  const entry = { time: Math.max(now, log.time), ops }
  const from = log.length
  const prev = log.hashAt(from - 1) as Uint8Array
  const unsigned = { pub: log.pub, epoch: log.epoch, from, prev, entries: [entry] }
  if (!isWithinBounds(unsigned, limits)) throw new AmpError('too-large', 'an entry above the limits of this space')
  if (usedAt(log, log.trunk.spentAt(from - 1)) + costOf([entry]) > limits.quota)
    throw new AmpError('quota', 'your log in this space is full; ask in a new space')
  const [hash] = hasher.of(unsigned).hashes
  return { hash: hash as Uint8Array, finish: signature => encodeSegment({ ...unsigned, signature }) }
}
