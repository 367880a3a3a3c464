/** A space as it stood at a time, by the clocks of those who spoke: what was said, and what that amounts to. */
import type { Genesis, Rec } from '@amp-mesh/protocol'
import { Records } from '../records.ts'
import { type ConclusionView, conclusion } from '../views/conclusion.ts'
import { type Conflict, conflicts } from '../views/conflicts.ts'
import { type FactView, facts } from '../views/facts.ts'
import { type NeedView, needs } from '../views/needs.ts'
import { question } from '../views/question.ts'
import { type Thread, threads } from '../views/threads.ts'

export interface Moment {
  /** ms since the epoch. */
  readonly time: number
  readonly records: Records
  readonly question: Rec<'broadcast'> | undefined
  readonly facts: readonly FactView[]
  readonly needs: readonly NeedView[]
  readonly conflicts: readonly Conflict[]
  readonly threads: readonly Thread[]
  readonly conclusion: ConclusionView
}

/** Every view over the records with a time up to `time`, ms since the epoch. */
export function momentOf(all: Records, genesis: Genesis, time: number): Moment {
  const records = recordsUntil(all, time)
  return {
    time,
    records,
    question: question(records, genesis),
    facts: facts(records, genesis),
    needs: needs(records, genesis),
    conflicts: conflicts(records, genesis),
    threads: threads(records),
    conclusion: conclusion(records, genesis),
  }
}

export function recordsUntil(all: Records, time: number): Records {
  const records = new Records(all.checkVote)
  records.add([...all.all()].filter(record => record.time <= time))
  return records
}
