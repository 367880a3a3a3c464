/** Statements of one kind, each with where it stands and who stands behind it. */
import type { Genesis, Kind, Rec, Status } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { type Speaker, speakerOf } from './offers.ts'
import { type Opinions, opinions, status } from './status.ts'

export interface Judged<K extends Kind> extends Opinions {
  readonly record: Rec<K>
  readonly status: Status
  /** Verifiers' agents that support it, earliest word first. */
  readonly verifiedBy: readonly Speaker[]
}

/** Live records of the kind, earliest first; also those that lost to others, with their status. */
export function judged<K extends Kind>(records: Records, genesis: Genesis, kind: K): Judged<K>[] {
  return records.of(kind).map(record => {
    const said = opinions(records, genesis, record.id)
    return { record, status: status(records, genesis, record.id), ...said, verifiedBy: said.supports.map(speakerOf) }
  })
}
