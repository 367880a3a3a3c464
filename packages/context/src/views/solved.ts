/** Problems that were solved, by their key: the next one who has the same need not solve it again. */
import type { Rec, Status } from '@amp-mesh/protocol'
import { inOrder } from '../records.ts'
import { memoised } from './memo.ts'
import { isFallen, status } from './status.ts'

export interface SolvedView {
  readonly record: Rec<'solved'>
  readonly status: Status
}

/** By problem key `q`: solutions that stand, final ones first, then verified ones, then others; later ones first. */
export const solutions = memoised((records, genesis): ReadonlyMap<string, readonly SolvedView[]> => {
  const standing = records.of('solved').filter(({ id }) => !isFallen(records, genesis, id))
  const judged = standing.map(record => ({ record, status: status(records, genesis, record.id) }))
  return Map.groupBy(
    judged.sort((a, b) => rank(b.status) - rank(a.status) || inOrder(b.record, a.record)),
    ({ record }) => record.op.q,
  )
})

const RANKS: readonly Status[] = ['verified', 'final']
const rank = (now: Status): number => RANKS.indexOf(now)
