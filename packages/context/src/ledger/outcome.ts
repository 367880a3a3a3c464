/** What becomes of a segment. */
import type { LedgerCode } from '@amp-mesh/protocol'
import type { Segment } from './segment.ts'

/**
 * `added`, `duplicate`, or the rule that stopped it. `fork`: it proved one, or that one lies further back. `kept`: it
 * belongs to a history of a forked log, and may count one day. `deferred`, and `not-a-writer` in an open space: it
 * waits for its time or its author's admission.
 */
export type Outcome = 'added' | 'duplicate' | 'kept' | LedgerCode

export interface Verdict {
  readonly outcome: Outcome
  /** What the bytes claim to be, where they could be read. */
  readonly segment?: Segment
}

/** Outcomes that no honest neighbour causes: it has checked what it sends. */
const STRIKES: ReadonlySet<Outcome> = new Set<Outcome>(['bad-segment', 'time-backwards', 'bad-signature'])
export const isStrike = (outcome: Outcome): boolean => STRIKES.has(outcome)
