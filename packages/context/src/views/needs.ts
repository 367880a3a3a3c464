/** What somebody asked the others for, and whether it was answered. */
import type { Genesis, Rec } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { isFallen } from './status.ts'

export interface NeedView {
  readonly record: Rec<'need'>
  readonly state: 'open' | 'met'
  /** Standing contributions that answer or cite it, earliest first. */
  readonly answers: readonly Rec[]
}

const ANSWERS: ReadonlySet<string> = new Set(['proposal', 'build_on', 'result'])

/** Live needs, earliest first. Met by any live, not refuted `build_on`, `proposal` or `result` that points at it. */
export function needs(records: Records, genesis: Genesis): NeedView[] {
  return records.of('need').map(record => {
    const answers = records
      .referencing(record.id)
      .filter(answer => ANSWERS.has(answer.op.k) && !isFallen(records, genesis, answer.id))
    return { record, state: answers.length > 0 ? 'met' : 'open', answers }
  })
}
