/** The room `views`: what this peer computes from the records, as one Yjs document to be read. */
import { conclusion, conflicts, needs, type Replica, status } from '@amp-mesh/context'
import { type Cancel, type Clock, type Genesis, type Json, type Kind, ROOM_LIMITS } from '@amp-mesh/protocol'
import * as Y from 'yjs'
import { readOnly } from './graph-room.ts'
import type { RoomContent } from './room.ts'

/** What views are computed from. */
export interface ViewSource {
  readonly genesis: Genesis
  readonly replica: Pick<Replica, 'records' | 'subscribe'>
}

type View = Readonly<Record<string, Json>>

/** What can be judged: it has a status. */
const JUDGED: readonly Kind[] = ['fact', 'hyp', 'link', 'solved', 'proposal', 'build_on', 'result', 'synthesis']

/** Root maps of the document. */
const VIEWS: Readonly<Record<string, (source: ViewSource) => View>> = {
  /** Record id to status. */
  statuses: ({ replica: { records }, genesis }) =>
    Object.fromEntries(JUDGED.flatMap(kind => records.of(kind)).map(({ id }) => [id, status(records, genesis, id)])),
  conflicts: ({ replica: { records }, genesis }) =>
    Object.fromEntries(
      conflicts(records, genesis).map(({ id, state, sides }) => [
        id,
        { state, sides: sides.map(side => side.map(record => record.id)) },
      ]),
    ),
  needs: ({ replica: { records }, genesis }) =>
    Object.fromEntries(
      needs(records, genesis).map(({ record, state, answers }) => [
        record.id,
        { state, answers: answers.map(({ id }) => id) },
      ]),
    ),
  /** `synthesis`: id of the one that stands. */
  conclusion: ({ replica: { records }, genesis }): View => {
    const { synthesis } = conclusion(records, genesis)
    return synthesis === undefined ? {} : { synthesis: synthesis.id }
  },
}

/** Computes now, and again when records came, some time later and all of them at once. */
export function viewsContent(source: ViewSource, clock: Clock): RoomContent {
  const doc = new Y.Doc()
  let waiting: Cancel | undefined
  const compute = () => {
    waiting = undefined
    doc.transact(() => {
      for (const [name, view] of Object.entries(VIEWS)) show(doc.getMap<Json>(name), view(source))
    })
  }
  const unsubscribe = source.replica.subscribe(() => {
    waiting ??= clock.after(ROOM_LIMITS.viewsMs, compute)
  })
  compute()
  return {
    ...readOnly(doc),
    close() {
      waiting?.()
      unsubscribe()
      doc.destroy()
    },
  }
}

/** Makes the map equal to the view; what did not change is not written again. */
function show(map: Y.Map<Json>, view: View): void {
  for (const key of map.keys()) if (!Object.hasOwn(view, key)) map.delete(key)
  for (const [key, value] of Object.entries(view))
    if (JSON.stringify(map.get(key)) !== JSON.stringify(value)) map.set(key, value)
}
