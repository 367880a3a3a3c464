/** What an agent may read: a space's records and what they amount to. */
import { inOrder, type Records, speakerId, speakerOf, status } from '@amp-mesh/context'
import type { Genesis, Knowledge, Question, Rec, SpaceId } from '@amp-mesh/protocol'

export function knowledgeOf(space: SpaceId, question: Question, genesis: Genesis, records: Records): Knowledge {
  return {
    space,
    question,
    records: () => [...records.all()].sort(inOrder),
    get: id => records.get(id),
    of: kind => [...records.of(kind)],
    status: id => status(records, genesis, id),
    speaker: record => speakerId(speakerOf(record)),
  }
}

/** The founder's broadcast, as agents see it. */
export function questionOf({ id, op }: Rec<'broadcast'>): Question {
  const { query, goal, requirements, context } = op
  return {
    id,
    query,
    ...(goal !== undefined && { goal }),
    ...(requirements !== undefined && { requirements }),
    ...(context !== undefined && { context }),
  }
}
