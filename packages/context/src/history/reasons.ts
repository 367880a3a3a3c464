/** Why a space says something: from a record back over what it rests on, to the question that began it. */
import type { Genesis, Rec, RecordId, Status } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { referencesOf } from '../references.ts'
import { offers, speakerKey, speakerOf } from '../views/offers.ts'
import { question } from '../views/question.ts'
import { type Opinions, opinions, status } from '../views/status.ts'

export interface Reason extends Opinions {
  readonly record: Rec
  readonly status: Status
  /** What it rests on, in the order in which it cites that; none where it is `folded`. */
  readonly reasons: readonly Reason[]
  /** `seen`: its reasons stand where it stood first; `deep`: it is below the deepest level told. */
  readonly folded?: 'seen' | 'deep'
  /** Ids it rests on that nobody here holds. */
  readonly missing: readonly RecordId[]
}

/** Levels of a tree: nobody reads deeper, and a hostile chain of answers must not exhaust the stack. */
const DEEPEST = 256

/**
 * The tree of reasons below a record of this space. What cites nothing rests on its speaker's offer to help, which
 * answers the question; so every path that is whole ends in the question. No cycles: an id is a hash over the ids it
 * points at. Undefined for a record that is not here.
 */
export function reasonsFor(records: Records, genesis: Genesis, id: RecordId): Reason | undefined {
  const record = records.get(id)
  const asked = question(records, genesis)
  const offered = new Map(offers(records, asked?.id).map(offer => [speakerKey(speakerOf(offer)), offer.id]))
  const seen = new Set<RecordId>()
  const visit = (each: Rec, depth: number): Reason => {
    const folded = seen.has(each.id) ? 'seen' : depth === DEEPEST ? 'deep' : undefined
    seen.add(each.id)
    const grounds = folded === undefined ? groundsOf(each, asked?.id, offered) : []
    return {
      record: each,
      status: status(records, genesis, each.id),
      ...opinions(records, genesis, each.id),
      ...(folded && { folded }),
      reasons: grounds.flatMap(ground => records.get(ground) ?? []).map(ground => visit(ground, depth + 1)),
      missing: grounds.filter(ground => records.get(ground) === undefined),
    }
  }
  return record === undefined ? undefined : visit(record, 1)
}

/** What a record points at, the question only where that is all; without any its speaker's offer, else the question. */
function groundsOf(record: Rec, asked: RecordId | undefined, offered: ReadonlyMap<string, RecordId>): RecordId[] {
  if (record.id === asked) return []
  const cited = referencesOf(record.op)
  if (cited.length > 1) return cited.filter(id => id !== asked)
  const own = cited[0] ?? offered.get(speakerKey(speakerOf(record))) ?? asked
  return own === undefined ? [] : [own]
}
