/** How things hang together: the links of a space, with the records they tie. */
import type { Rec } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'

export interface Relationship {
  readonly record: Rec<'link'>
  /** The record an end names, or the text of a thing outside. */
  readonly from: Rec | string
  readonly kind: string
  readonly to: Rec | string
}

/** Live links, earliest first; without those to a record of this space that its author took back. */
export function relationships(records: Records): Relationship[] {
  const end = (name: string) => records.get(name) ?? name
  const isGone = (name: string) => records.has(name) && !records.isLive(name)
  return records
    .of('link')
    .filter(({ op }) => !isGone(op.s) && !isGone(op.o))
    .map(record => ({ record, from: end(record.op.s), kind: record.op.p, to: end(record.op.o) }))
}
