/** The statements of a space, each with where the verifiers' opinion of it stands. */
import type { Genesis, Rec, Status } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { type Opinions, opinions, status } from './status.ts'

export interface FactView extends Opinions {
  readonly record: Rec<'fact'>
  readonly status: Status
}

/** Live facts, earliest first. */
export function facts(records: Records, genesis: Genesis): FactView[] {
  return records
    .of('fact')
    .map(record => ({ record, status: status(records, genesis, record.id), ...opinions(records, genesis, record.id) }))
}
