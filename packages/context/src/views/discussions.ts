/** Discussions under a title: who takes part, what was said, and whether anything is left to say. */
import type { Rec } from '@amp-mesh/protocol'
import type { RecordHead, Records } from '../records.ts'
import { covers } from './convergence.ts'
import { type Speaker, speakerKey, speakerOf } from './offers.ts'

export interface Discussion {
  readonly record: Rec<'thread'>
  /** Earliest first. */
  readonly messages: readonly Rec<'msg'>[]
  /** Who opened it, then whoever spoke, in order of the first word. */
  readonly participants: readonly Speaker[]
  readonly status: 'open' | 'closed'
  /** The `settle` that closed it. */
  readonly closed?: Rec<'settle'>
}

/**
 * Live threads, earliest first. One is closed by a participant's `settle` that names it and has seen every message in
 * it; with the next message it is open again.
 */
export function discussions(records: Records): Discussion[] {
  const messages = Map.groupBy(records.of('msg'), ({ op }) => op.in)
  const settles = Map.groupBy(records.of('settle'), ({ op }) => op.thread)
  return records.of('thread').map(record => {
    const said = messages.get(record.id) ?? []
    const speakers = new Map([record, ...said].map(each => [speakerKey(speakerOf(each)), speakerOf(each)]))
    const closed = closing(settles.get(record.id) ?? [], [record, ...said])
    const common = { record, messages: said, participants: [...speakers.values()] }
    return closed === undefined ? { ...common, status: 'open' } : { ...common, status: 'closed', closed }
  })
}

/** The first settle by one of those who spoke that has seen all they said. */
function closing(settles: readonly Rec<'settle'>[], said: readonly Rec[]): Rec<'settle'> | undefined {
  const authors = new Set(said.map(({ by }) => by))
  const heads = said.map(({ log, seq }): RecordHead => [log, seq])
  return settles.find(settle => authors.has(settle.by) && covers(settle, heads))
}
