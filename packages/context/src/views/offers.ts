/** Who offered to help. */
import { type AgentId, agentIdOf, type PublicKey, peerIdOf, type Rec, type RecordId } from '@amp-mesh/protocol'
import { inOrder, type Records } from '../records.ts'

/** An agent as records name it: its peer's key and its name there (empty when the record names none). */
export interface Speaker {
  readonly author: PublicKey
  readonly agent: string
}

/** Each agent's latest live offer, unless it refused afterwards; with `target`, only offers for that record. */
export function offers(records: Records, target?: RecordId): Rec<'capability_match'>[] {
  const latest = new Map<string, Rec<'capability_match'>>()
  for (const offer of records.of('capability_match'))
    if (target === undefined || offer.op.for === target) latest.set(speakerKey(speakerOf(offer)), offer)
  return [...latest.values()].filter(offer => !isRefused(records, offer)).sort(inOrder)
}

/** Agents with a live offer, in order of it. */
export const offerers = (records: Records): Speaker[] => offers(records).map(speakerOf)

/** Who spoke: verdicts, settles and acts may leave the agent out. */
export function speakerOf(record: Rec): Speaker {
  return { author: record.by, agent: ('agent' in record.op ? record.op.agent : undefined) ?? '' }
}

/** Equal for equal speakers. */
export const speakerKey = (speaker: Speaker): string => `${speaker.author}/${speaker.agent}`

/** `amp://<PeerId>/<name>`. */
export const speakerId = (speaker: Speaker): AgentId => agentIdOf(peerIdOf(speaker.author), speaker.agent)

/** The agent itself refused the offer, or what it had offered for, later on. */
function isRefused(records: Records, offer: Rec<'capability_match'>): boolean {
  return records
    .of('refuse')
    .some(
      refusal =>
        (refusal.op.for === offer.id || refusal.op.for === offer.op.for) &&
        speakerKey(speakerOf(refusal)) === speakerKey(speakerOf(offer)) &&
        inOrder(refusal, offer) > 0,
    )
}
