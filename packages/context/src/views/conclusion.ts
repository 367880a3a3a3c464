/** The synthesis that stands, out of any number that were written. */
import type { Genesis, Rec } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { covers, latestSettle } from './convergence.ts'
import { memoised } from './memo.ts'
import { offerers } from './offers.ts'
import { question } from './question.ts'
import { isFallen, status } from './status.ts'

export interface ConclusionView {
  /** The valid synthesis. */
  readonly synthesis: Rec<'synthesis'> | undefined
  /** Valid ones that others outdid, best first. */
  readonly superseded: readonly Rec<'synthesis'>[]
  /** Those of bystanders, and those that rest on refuted or retracted records, or on records nobody has. */
  readonly invalid: readonly Rec<'synthesis'>[]
}

/** Among valid syntheses of the question: a final one, then by offerers that settled after it, then the lowest id. */
export const conclusion = memoised((records, genesis): ConclusionView => {
  const asked = question(records, genesis)?.id
  const written = records.of('synthesis').filter(record => record.op.for === asked)
  const valid = written.filter(record => isValid(records, genesis, record))
  const [synthesis, ...superseded] = valid
    .map(record => ({
      record,
      isFinal: status(records, genesis, record.id) === 'final',
      seen: timesSeen(records, record),
    }))
    .sort((a, b) => Number(b.isFinal) - Number(a.isFinal) || b.seen - a.seen || (a.record.id < b.record.id ? -1 : 1))
    .map(({ record }) => record)
  return { synthesis, superseded, invalid: written.filter(record => !valid.includes(record)) }
})

/** Written by one who offered to help, or by the founder when nobody is left to. */
function isValid(records: Records, genesis: Genesis, record: Rec<'synthesis'>): boolean {
  const { by } = record
  if (by !== genesis.founder && !offerers(records).some(({ author }) => author === by)) return false
  const cited = new Set(record.op.claims.flatMap(claim => claim.references))
  return [...cited].every(id => records.has(id) && !isFallen(records, genesis, id))
}

/** Offerers whose latest settle covers the synthesis: they saw it and had nothing to add. */
const timesSeen = (records: Records, { log, seq }: Rec): number =>
  offerers(records).filter(offerer => covers(latestSettle(records, offerer), [[log, seq]])).length
