/** The room `views`: what this peer computes from the records, as one Yjs document to be read. */
import { assignments, conclusion, conflicts, counter, needs, type Replica, register, status } from '@amp-mesh/context'
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
const VIEWS: Readonly<Record<string, (source: ViewSource, now: number) => View>> = {
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
  /** Name to value: `{value, up, down}`. */
  counters: ({ replica: { records } }) =>
    Object.fromEntries(
      namesOf(records.of('count')).map(name => {
        const { value, up, down } = counter(records, name)
        return [name, { value, up, down }]
      }),
    ),
  /** Name to the value that counts; those without one are not there. */
  registers: ({ replica: { records }, genesis }) =>
    Object.fromEntries(
      namesOf(records.of('reg')).flatMap(name => {
        const { value } = register(records, genesis, name)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  /** Key to who holds it, and all who claim it. What expires goes with the next change. */
  assignments: ({ replica: { records } }, now) =>
    Object.fromEntries(
      assignments(records, now).map(({ key, holder, entries }) => [
        key,
        { holder: holder.op.to, claims: entries.map(({ id, by, op }) => ({ id, by, to: op.to })) },
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
      for (const [name, view] of Object.entries(VIEWS)) show(doc.getMap<Json>(name), view(source, clock.now()))
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

const namesOf = (records: readonly { op: { name: string } }[]) => [...new Set(records.map(({ op }) => op.name))]

/** Makes the map equal to the view; what did not change is not written again. */
function show(map: Y.Map<Json>, view: View): void {
  for (const key of map.keys()) if (!Object.hasOwn(view, key)) map.delete(key)
  for (const [key, value] of Object.entries(view))
    if (JSON.stringify(map.get(key)) !== JSON.stringify(value)) map.set(key, value)
}
