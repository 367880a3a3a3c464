/** The collaborative texts of a space, and which generation of each counts. */
import type { Rec, RecordId } from '@amp-mesh/protocol'
import { inOrder, type Records } from '../records.ts'

export interface DraftView {
  readonly record: Rec<'draft'>
  /** The draft that takes its place; undefined: this is the one to edit. */
  readonly next: Rec<'draft'> | undefined
}

/**
 * Live drafts, earliest first. Any editor of a draft may write its next generation, and so leave one out; of several,
 * that of the draft's own author counts, else the earliest.
 */
export function drafts(records: Records): DraftView[] {
  const all = records.of('draft')
  return all.map(record => ({ record, next: nextOf(record, all) }))
}

/** The latest generation of a draft. No circles: an id is a hash over the ids it points at. */
export function currentDraft(records: Records, id: RecordId): Rec<'draft'> | undefined {
  const all = records.of('draft')
  let current = all.find(record => record.id === id)
  for (let next = current; next !== undefined; next = nextOf(next, all)) current = next
  return current
}

function nextOf({ id, by, op }: Rec<'draft'>, all: readonly Rec<'draft'>[]): Rec<'draft'> | undefined {
  const successors = all.filter(
    each => each.op.after === id && each.op.gen === op.gen + 1 && (op.editors.includes(each.by) || each.by === by),
  )
  return successors.find(each => each.by === by) ?? successors.sort(inOrder)[0]
}
