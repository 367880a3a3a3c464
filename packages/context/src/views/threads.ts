/** Who answered whom: the live records of a space as trees. */
import type { Rec, RecordId } from '@amp-mesh/protocol'
import { inOrder, type Records } from '../records.ts'
import { parentOf } from '../references.ts'

export interface Thread {
  readonly record: Rec
  /** Earliest first. */
  readonly replies: readonly Thread[]
}

/**
 * Trees of live records, earliest first. A record whose parent is not live here is a root, so nothing is hidden. No
 * cycles: an id is a hash over the ids it points at.
 */
export function threads(records: Records): Thread[] {
  const nodes = new Map<RecordId, { record: Rec; replies: Thread[] }>()
  const isSpoken = (record: Rec) => record.op.k !== 'edit' && records.isLive(record.id)
  for (const record of [...records.all()].filter(isSpoken).sort(inOrder)) nodes.set(record.id, { record, replies: [] })
  const roots: Thread[] = []
  for (const node of nodes.values()) {
    const parent = nodes.get(parentOf(node.record.op) ?? '')
    if (parent === undefined) roots.push(node)
    else parent.replies.push(node)
  }
  return roots
}
