/** `amp-mesh space <id> why [record]`: what a record rests on, back to the question, and who verified what. */
import { conclusion, type Records } from '@amp-mesh/context'
import { type Reason, reasonsFor } from '@amp-mesh/context/history'
import { AmpError, peerIdOf, type Rec, type RecordId } from '@amp-mesh/protocol'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { recordLine } from '../../render/json-line.ts'
import { plainText } from '../../render/plain-text.ts'
import { renderReasons } from '../../render/reason-tree.ts'
import type { StoredSpace } from '../../stored-space.ts'
import type { World } from '../../world.ts'

export async function why(
  { records, genesis }: StoredSpace,
  [word]: string[],
  _options: object,
  { terminal }: World,
): Promise<ExitCode> {
  const id = word === undefined ? conclusion(records, genesis).synthesis?.id : theOne(records, word)
  const reason = id === undefined ? undefined : reasonsFor(records, genesis, id)
  if (reason === undefined)
    throw new AmpError(
      'no-such-record',
      'There is no conclusion yet; name a record: `amp-mesh space <id> log` lists them.',
    )
  if (terminal.json) for (const line of asJson(reason)) terminal.tell(line, () => [])
  else terminal.tell({}, style => renderReasons(reason, style))
  return EXIT.ok
}

function theOne(records: Records, id: string): RecordId {
  const found = [...records.all()].filter(record => record.id.startsWith(id))
  const [one, another] = found
  if (one === undefined)
    throw new AmpError('no-such-record', `No record here has an id that begins with ${plainText(id)}.`)
  if (another !== undefined) throw new AmpError('bad-input', `More than one id begins with ${id}: give more of it.`)
  return one.id
}

/** A line a node, each after the one that rests on it. */
function* asJson(reason: Reason, of?: RecordId, depth = 0): Generator<object> {
  const { record, status, supports, refutes, folded, missing, reasons } = reason
  yield {
    ...recordLine(record),
    type: 'reason',
    depth,
    of,
    status,
    verifiedBy: supports.map(judge),
    refutedBy: refutes.map(judge),
    folded,
    missing,
  }
  for (const each of reasons) yield* asJson(each, record.id, depth + 1)
}

const judge = ({ id, by, op }: Rec<'verify'>) => ({ id, peer: peerIdOf(by), agent: op.agent })
