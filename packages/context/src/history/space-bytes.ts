/** A space as bytes, wherever they came from: what a ledger takes in to hold all of it. */
import type { Verify } from '@amp-mesh/protocol'
import { Ledger } from '../ledger/ledger.ts'
import type { Outcome } from '../ledger/outcome.ts'

export interface SpaceBytes {
  readonly genesis: Uint8Array
  /** In an order in which each joins what came before; verifiers' first, for they admit the others. */
  readonly segments: readonly Uint8Array[]
  /** Pairs of segments that prove forks. */
  readonly proofs: readonly Uint8Array[]
}

/**
 * A ledger that judges what was said, whenever that was: R9 is for those who were there. It belongs to nobody, so what
 * the space never admitted is not taken. Throws DecodeError for what is no genesis.
 */
export const auditLedger = (genesis: Uint8Array, verify: Verify): Ledger =>
  new Ledger({ genesis, verify, now: () => Number.MAX_SAFE_INTEGER })

/** True for what a sound copy of a space holds: entries not seen before, or the proof of a fork. */
export const isSound = (outcome: Outcome): boolean => ['added', 'kept', 'fork'].includes(outcome)
