/** `amp-mesh space <id> diff <t1> <t2>`: what happened between two times. */
import { type Difference, differenceBetween } from '@amp-mesh/context/history'
import { AmpError } from '@amp-mesh/protocol'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { recordLine } from '../../render/json-line.ts'
import { renderDifference } from '../../render/moment.ts'
import type { StoredSpace } from '../../stored-space.ts'
import { TIME_HELP, timesIn } from '../../time-words.ts'
import type { World } from '../../world.ts'
import { frameOf } from './frame.ts'

export async function diff(
  space: StoredSpace,
  words: string[],
  _options: object,
  { terminal }: World,
): Promise<ExitCode> {
  const [one, other, another] = timesIn(words, frameOf(space))
  if (one === undefined || other === undefined || another !== undefined)
    throw new AmpError('bad-input', `Two times are needed here, e.g. ${TIME_HELP}.`)
  const difference = differenceBetween(space.records, space.genesis, one, other)
  terminal.tell(asJson(difference), style => renderDifference(difference, style))
  return EXIT.ok
}

const asJson = ({ from, to, appeared, changed, takenBack, conclusion }: Difference) => ({
  type: 'difference',
  from,
  to,
  appeared: appeared.map(recordLine),
  changed: changed.map(({ record, before, after }) => ({ id: record.id, before, after })),
  takenBack: takenBack.map(({ id }) => id),
  ...(conclusion && { conclusion: { before: conclusion.before?.id, after: conclusion.after?.id } }),
})
