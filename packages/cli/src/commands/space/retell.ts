/** `amp-mesh space <id>`: the story of a question, told again from its records as its asker saw it. */
import { conclusion, inOrder, question, speakerOf, status } from '@amp-mesh/context'
import type { Happening } from '@amp-mesh/peer'
import { agentIdOf, isKind, peerIdOf, type Rec } from '@amp-mesh/protocol'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { renderSynthesis } from '../../render/conclusion.ts'
import { happeningAsJson } from '../../render/json-line.ts'
import { EMPTY_TIMELINE, renderHappening } from '../../render/timeline.ts'
import type { StoredSpace } from '../../stored-space.ts'
import type { World } from '../../world.ts'

export async function retell(
  space: StoredSpace,
  _words: string[],
  _options: object,
  { terminal }: World,
): Promise<ExitCode> {
  let timeline = EMPTY_TIMELINE
  for (const happening of retold(space))
    terminal.tell(happeningAsJson(happening), style => {
      const { state, lines } = renderHappening(timeline, happening, style)
      timeline = state
      return lines
    })
  const { synthesis } = conclusion(space.records, space.genesis)
  const isFinal = synthesis !== undefined && status(space.records, space.genesis, synthesis.id) === 'final'
  const end = { type: 'space', id: space.id, synthesis: synthesis?.id, final: isFinal, records: space.records.size }
  terminal.tell(end, style => {
    if (synthesis === undefined) return ['', 'No conclusion yet.']
    const word = isFinal ? [style.palette.good('Final: a quorum of the verifiers chose this answer, for good.')] : []
    return ['', ...renderSynthesis(timeline, synthesis, style), ...word]
  })
  return EXIT.ok
}

/** Its records in order of time, as the asker would have seen them. */
function retold({ id, genesis, records }: StoredSpace): Happening[] {
  const all = [...records.all()].sort(inOrder)
  const start = question(records, genesis)?.time ?? all[0]?.time ?? 0
  return all.map(record => asHappening(record, record.time - start, id))
}

function asHappening(record: Rec, t: number, space: string): Happening {
  const from = peerIdOf(record.by)
  const { agent } = speakerOf(record)
  const said = { t, from, space, ...(agent !== '' && { agent: agentIdOf(from, agent) }) }
  const { k } = record.op
  if (isKind(record, 'broadcast')) return { ...said, type: 'broadcast', record, asked: [] }
  return { ...said, type: k as Exclude<typeof k, 'broadcast'>, record }
}
