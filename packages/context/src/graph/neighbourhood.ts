/** What lies around a record or a thing: everything within some steps, over references and links in both directions. */
import { GRAPH_LIMITS, type Rec, type RecordId } from '@amp-mesh/protocol'
import { inOrder, type Records } from '../records.ts'
import { referencesOf } from '../references.ts'
import type { PatternIndex } from './pattern-index.ts'

/** A record id, or the name of a thing that facts and links speak of. */
type Place = RecordId | string

/**
 * Live records by their distance from `start`, nearest first, then in order of time; at most 1,024, and none further
 * than `hops`. A link is an edge: it stands at the distance of the end that it leads to. A fact stands one step from
 * the things it is about.
 */
export function neighbourhood(
  records: Records,
  index: PatternIndex,
  start: Place,
  hops: number,
): { record: Rec; hops: number }[] {
  const reached = new Set<Place>([start])
  const found: { record: Rec; hops: number }[] = []
  let edge: Place[] = [start]
  for (let distance = 1; distance <= hops && edge.length > 0; distance++) {
    const next = new Set<Place>()
    const met: Rec[] = []
    for (const place of edge)
      for (const way of waysFrom(records, index, place)) {
        for (const end of way.to) if (!reached.has(end)) next.add(end)
        const { over } = way
        if (over === undefined || reached.has(over.id)) continue
        reached.add(over.id)
        met.push(over)
      }
    for (const place of next) {
      const record = records.get(place)
      if (record !== undefined && !reached.has(place) && records.isLive(place)) met.push(record)
      reached.add(place)
    }
    found.push(...met.sort(inOrder).map(record => ({ record, hops: distance })))
    if (found.length >= GRAPH_LIMITS.answers) return found.slice(0, GRAPH_LIMITS.answers)
    edge = [...next].filter(place => records.get(place) === undefined || records.isLive(place))
  }
  return found
}

/** One step: the places it leads to, and the link it goes over, if one. */
interface Way {
  to: readonly Place[]
  over?: Rec
}

function waysFrom(records: Records, index: PatternIndex, place: Place): Way[] {
  const here = records.get(place)
  const ways: Way[] = []
  if (here !== undefined) {
    ways.push({ to: referencesOf(here.op) }, { to: records.referencing(place).map(({ id }) => id) })
    if (here.op.k === 'link') ways.push({ to: [here.op.s, here.op.o] })
    if (here.op.k === 'fact') ways.push({ to: typeof here.op.o === 'string' ? [here.op.s, here.op.o] : [here.op.s] })
  }
  for (const record of index.about(place)) {
    if (!records.isLive(record.id)) continue
    if (record.op.k === 'link') ways.push({ to: [record.op.s === place ? record.op.o : record.op.s], over: record })
    else ways.push({ to: [record.id] })
  }
  return ways
}
