/** What happened in a space between two times: who said what, what came to be seen otherwise, what was taken back. */
import type { Genesis, Rec, Status } from '@amp-mesh/protocol'
import { inOrder, type Records } from '../records.ts'
import { conclusion } from '../views/conclusion.ts'
import { status } from '../views/status.ts'
import { recordsUntil } from './moment.ts'

export interface Difference {
  /** ms since the epoch: after `from`, up to `to`. */
  readonly from: number
  readonly to: number
  /** Said in between and still standing by its author's word. */
  readonly appeared: readonly Rec[]
  /** Records that both times know, and whose status is another one now. */
  readonly changed: readonly { readonly record: Rec; readonly before: Status; readonly after: Status }[]
  /** No longer standing by their author's word: taken back, or replaced by a later record. */
  readonly takenBack: readonly Rec[]
  /** There when another synthesis stands than before. */
  readonly conclusion?: { readonly before: Rec<'synthesis'> | undefined; readonly after: Rec<'synthesis'> | undefined }
}

/** Each list earliest first. Times may be given in either order. */
export function differenceBetween(all: Records, genesis: Genesis, one: number, other: number): Difference {
  const [from, to] = one <= other ? [one, other] : [other, one]
  const [before, after] = [recordsUntil(all, from), recordsUntil(all, to)]
  const known = [...after.all()].sort(inOrder)
  const news = known.filter(({ id }) => !before.has(id))
  const old = known.filter(({ id }) => before.has(id))
  const changed = old
    .filter(({ id }) => after.isLive(id))
    .map(record => ({
      record,
      before: status(before, genesis, record.id),
      after: status(after, genesis, record.id),
    }))
  const conclusions = { before: conclusion(before, genesis).synthesis, after: conclusion(after, genesis).synthesis }
  return {
    from,
    to,
    appeared: news.filter(({ id }) => after.isLive(id)),
    changed: changed.filter(each => each.before !== each.after),
    takenBack: known.filter(({ id }) => !after.isLive(id) && (!before.has(id) || before.isLive(id))),
    ...(conclusions.before?.id !== conclusions.after?.id && { conclusion: conclusions }),
  }
}
