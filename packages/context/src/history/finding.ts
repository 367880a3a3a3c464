/** What an audit found wrong, and where. */
import { peerIdOf } from '@amp-mesh/protocol'
import type { Ledger } from '../ledger/ledger.ts'
import type { Outcome } from '../ledger/outcome.ts'

export interface Finding {
  /** Where it is: `line 12`, `segment 3 of log …`. */
  readonly where: string
  /** What is wrong, in one word for programs. */
  readonly code:
    | Outcome
    | 'unvouched'
    | 'not-an-export'
    | 'truncated'
    | 'bad-line'
    | 'bad-digest'
    | 'bad-genesis'
    | 'lost-end'
    | 'damaged'
  /** The same for people. */
  readonly why: string
}

/** More than this nobody reads, and what is wholly broken must not fill the memory. */
export const MOST_FINDINGS = 100

const WHY: Readonly<Partial<Record<Outcome, string>>> = {
  'bad-segment': 'these bytes are no segment of a log, or above the limits of the space',
  'bad-signature': 'its author did not sign this: something in it was changed',
  'not-a-writer': 'its author may not write in this space, or the admission is missing',
  'too-many-epochs': 'its author has no log of that number in this space',
  'time-backwards': 'its time falls back behind what its author said before',
  gap: 'entries before it are missing',
  branch: 'it does not join the chain before it',
  quota: 'its author said more than the space allows',
  duplicate: 'it repeats what stands here already',
  frozen: 'it continues a log that ended with a fork',
}

export const findingOf = (where: string, outcome: Outcome): Finding => ({
  where,
  code: outcome,
  why: WHY[outcome] ?? `the ledger did not take it: ${outcome}`,
})

/** Once all of a space is taken in: logs that begin with a checkpoint nobody has to believe. */
export const unvouchedIn = (ledger: Ledger): Finding[] =>
  ledger.unvouched().map(({ by, epoch }) => ({
    where: `log ${epoch} of ${peerIdOf(by)}`,
    code: 'unvouched',
    why: 'it begins with a checkpoint that no quorum of verifiers acknowledged, so none of it counts',
  }))
