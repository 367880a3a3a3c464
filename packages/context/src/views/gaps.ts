/** What is known to be unknown. */
import type { Genesis, Rec } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { backers } from './solutions.ts'

/** Live gaps, earliest first, that no trusted `solved` of the same key, and none of their own author's, has closed. */
export function gaps(records: Records, genesis: Genesis): Rec<'gap'>[] {
  const solved = Map.groupBy(records.of('solved'), ({ op }) => op.q)
  const closes = (each: Rec<'solved'>, gap: Rec) => each.by === gap.by || backers(records, genesis, each).trusted
  return records.of('gap').filter(gap => !solved.get(gap.op.q)?.some(each => closes(each, gap)))
}
