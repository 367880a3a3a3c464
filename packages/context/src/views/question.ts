/** What a space is about, and whether it was called off. */
import type { Genesis, Rec } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'

/** The founder's first live `broadcast`. */
export function question(records: Records, genesis: Genesis): Rec<'broadcast'> | undefined {
  return records.of('broadcast').find(record => record.by === genesis.founder)
}

/** The founder's first live `cancel` of the question (the founder is its author). */
export function cancelled(records: Records, genesis: Genesis): Rec<'cancel'> | undefined {
  const asked = question(records, genesis)?.id
  return records.of('cancel').find(record => record.op.for === asked && record.by === genesis.founder)
}
