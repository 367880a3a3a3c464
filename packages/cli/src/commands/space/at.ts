/** `amp-mesh space <id> at <time>`: what the space amounted to then. */
import { type Moment, momentOf } from '@amp-mesh/context/history'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { renderMoment } from '../../render/moment.ts'
import type { StoredSpace } from '../../stored-space.ts'
import { timeIn } from '../../time-words.ts'
import type { World } from '../../world.ts'
import { frameOf } from './frame.ts'

export async function at(
  space: StoredSpace,
  words: string[],
  _options: object,
  { terminal }: World,
): Promise<ExitCode> {
  const moment = momentOf(space.records, space.genesis, timeIn(words, frameOf(space)))
  terminal.tell(asJson(moment), style => renderMoment(moment, style))
  return EXIT.ok
}

const asJson = ({ time, records, question, facts, needs, conflicts, conclusion }: Moment) => ({
  type: 'moment',
  time,
  records: records.size,
  question: question?.id,
  facts: facts.map(({ record, status }) => ({ id: record.id, status })),
  needs: needs.map(({ record, state }) => ({ id: record.id, state })),
  conflicts: conflicts.map(({ id, state, sides }) => ({
    id,
    state,
    sides: sides.map(side => side.map(each => each.id)),
  })),
  synthesis: conclusion.synthesis?.id,
})
