/** `amp-mesh space <id>`: one stored question, told again from its records. */
import { conclusion, inOrder, question, speakerOf } from '@amp-mesh/context'
import type { Happening, Space } from '@amp-mesh/peer'
import { AmpError, agentIdOf, peerIdOf, type Rec } from '@amp-mesh/protocol'
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { renderSynthesis } from '../render/conclusion.ts'
import { happeningAsJson } from '../render/json-line.ts'
import { EMPTY_TIMELINE, renderHappening } from '../render/timeline.ts'
import { withArchive } from '../visitor.ts'
import type { World } from '../world.ts'
import { type ArchiveOptions, withArchiveOptions } from './spaces.ts'

export const describeSpace = (command: Command): Command =>
  withArchiveOptions(
    command
      .description('Tell a stored question again, record by record.')
      .argument('<id>', 'its id, or the beginning of it (see amp-mesh spaces)'),
  ).addHelpText('after', '\nExample:\n  amp-mesh space Zk3f --json')

export function space(id: string, options: ArchiveOptions, world: World): Promise<ExitCode> {
  return withArchive(world, options, async peer => {
    const chosen = theOne(peer.spaces(), id)
    let timeline = EMPTY_TIMELINE
    for (const happening of retold(chosen)) {
      world.terminal.tell(happeningAsJson(happening), style => {
        const { state, lines } = renderHappening(timeline, happening, style)
        timeline = state
        return lines
      })
    }
    const { synthesis } = conclusion(chosen.replica.records, chosen.genesis)
    const status = { type: 'space', id: chosen.id, synthesis: synthesis?.id, records: chosen.replica.records.size }
    world.terminal.tell(status, style =>
      synthesis === undefined ? ['', 'No conclusion yet.'] : ['', ...renderSynthesis(timeline, synthesis, style)],
    )
    return EXIT.ok
  })
}

function theOne(spaces: readonly Space[], id: string): Space {
  const [found, another] = spaces.filter(each => each.id.startsWith(id))
  if (found === undefined)
    throw new AmpError('no-such-space', `No question stored here has an id that begins with ${id}.`)
  if (another !== undefined) throw new AmpError('bad-input', `More than one id begins with ${id}: give more of it.`)
  return found
}

/** Its records in order of time, as the asker would have seen them. */
function retold({ id, genesis, replica }: Space): Happening[] {
  const records = [...replica.records.all()].sort(inOrder)
  const start = question(replica.records, genesis)?.time ?? records[0]?.time ?? 0
  return records.map(record => asHappening(record, record.time - start, id))
}

function asHappening(record: Rec, t: number, space: string): Happening {
  const from = peerIdOf(record.by)
  const { agent } = speakerOf(record)
  const said = { t, from, space, ...(agent !== '' && { agent: agentIdOf(from, agent) }) }
  const { k } = record.op
  if (k === 'broadcast') return { ...said, type: k, record: record as Rec<'broadcast'>, asked: [] }
  return { ...said, type: k, record }
}
