/** What times on the command line are relative to, for one space. */
import { question } from '@amp-mesh/context'
import type { StoredSpace } from '../../stored-space.ts'
import type { TimeFrame } from '../../time-words.ts'

/** `+3s` counts from the question, or from the first word of a space without one. */
export function frameOf({ records, genesis }: StoredSpace): TimeFrame {
  const now = Date.now()
  const first = [...records.all()].reduce((earliest, { time }) => Math.min(earliest, time), now)
  return { now, start: question(records, genesis)?.time ?? first }
}
