/** A space as bytes, wherever they came from: what a ledger takes in to hold all of it. */
import type { LogId, SpaceId, Verify } from '@amp-mesh/protocol'
import { decodeLive } from '../ledger/checkpoint-parts.ts'
import { Ledger } from '../ledger/ledger.ts'
import type { Log } from '../ledger/log.ts'
import type { Outcome, Verdict } from '../ledger/outcome.ts'
import { logIdOfSegment } from '../ledger/segment.ts'
import type { Beginning } from '../store/store.ts'

/** A segment, or the beginning of a log whose history before a checkpoint is not held. */
export type Part = Uint8Array | Beginning

export interface SpaceBytes {
  readonly genesis: Uint8Array
  /** In an order in which each joins what came before; verifiers' first: see `SpaceStore.parts`. */
  readonly parts: readonly Part[]
  /** Segments of other histories of forked logs: with the first of them each proves its fork. */
  readonly proofs: readonly Uint8Array[]
}

/**
 * A ledger that judges what was said, whenever that was: R9 is for those who were there. It belongs to nobody, so what
 * the space never admitted is not taken. Throws DecodeError for what is no genesis.
 */
export const auditLedger = (genesis: Uint8Array, verify: Verify): Ledger =>
  new Ledger({ genesis, verify, now: () => Number.MAX_SAFE_INTEGER })

/** A ledger takes the next part of a space. Never throws. */
export function take(ledger: Ledger, part: Part): Verdict {
  if (part instanceof Uint8Array) return ledger.ingest(part)
  try {
    return ledger.adopt(part.segment, part.live.flatMap(decodeLive))
  } catch {
    return { outcome: 'bad-segment' } // the records are no records
  }
}

/** The log that a part claims to be of. */
export const logOf = (space: SpaceId, part: Part): LogId =>
  logIdOfSegment(space, part instanceof Uint8Array ? part : part.segment)

/** Logs of which nothing before a checkpoint is held but what its author signed as alive. */
export const begunLate = (ledger: Ledger): Log[] => [...ledger.logs()].filter(({ trunk }) => trunk.start > 0)

/** True for what a sound copy of a space holds: entries not seen before, or those of a fork. */
export const isSound = (outcome: Outcome): boolean => ['added', 'fork', 'kept'].includes(outcome)
