/** What nobody here knows yet. */
import type { Rec } from '@amp-mesh/protocol'
import { memoised } from './memo.ts'
import { type SolvedView, solutions } from './solved.ts'

export interface GapView {
  readonly record: Rec<'gap'>
  readonly state: 'open' | 'closed'
  /** What closed it. */
  readonly solution?: Rec<'solved'>
}

/**
 * Live gaps, the most pressing first, then the earliest. Closed by a solution of the same key that verifiers stand
 * behind, or that the gap's own author gave; an author may also take its gap back.
 */
export const gaps = memoised((records, genesis): readonly GapView[] => {
  const known = solutions(records, genesis)
  const views = records.of('gap').map(record => {
    const solution = known.get(record.op.q)?.find(each => closes(each, record))?.record
    return solution === undefined ? { record, state: 'open' as const } : { record, state: 'closed' as const, solution }
  })
  return views.sort((a, b) => (b.record.op.prio ?? 0) - (a.record.op.prio ?? 0))
})

const closes = ({ record, status }: SolvedView, gap: Rec<'gap'>): boolean =>
  status === 'verified' || status === 'final' || record.by === gap.by
