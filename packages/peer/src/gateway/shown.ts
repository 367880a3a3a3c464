/** What a plain client is shown: records, agents and endings in the form of seed 004's messages. */
import { speakerId, speakerOf } from '@amp-mesh/context'
import {
  type AgentCard,
  type GatewayAnswer,
  type Json,
  type Kind,
  peerIdOf,
  type Rec,
  type RecordId,
  type SpaceId,
} from '@amp-mesh/protocol'
import type { Answer } from '../contract.ts'

/** A record as a message. `from`: the agent, or the peer where the record names none; `time`: ms since the epoch. */
export interface ShownRecord {
  readonly type: Kind
  readonly id: RecordId
  readonly from: string
  readonly space: SpaceId
  readonly time: number
  readonly [field: string]: Json | undefined
}

/** What the ledger keeps for itself; keystrokes of drafts are for Yjs. */
const UNTOLD: ReadonlySet<Kind> = new Set<Kind>(['ack', 'admit', 'cert', 'ckpt', 'edit'])

export const isShown = (record: Rec): boolean => !UNTOLD.has(record.op.k)

export function shownRecord(record: Rec, space: SpaceId): ShownRecord {
  const speaker = speakerOf(record)
  const from = speaker.agent === '' ? peerIdOf(speaker.author) : speakerId(speaker)
  const { k: type, ...said } = record.op
  const { agent: _, ...fields } = said as { readonly [field: string]: Json }
  return { type, id: record.id, from, space, time: record.time, ...fields }
}

export const shownAgent = ({ agent, state, capabilities }: AgentCard) => ({
  id: agent,
  state,
  capabilities: capabilities.map(({ text }) => text),
})

/** How a question ended, without what is for the peer's own people. */
export function shownEnd(answer: Answer): Omit<GatewayAnswer<'done'>, 'type' | 'id' | 're'> {
  const { space, outcome, synthesis, commons, peers, firstOfferMs, concludedMs, records } = answer
  const content = synthesis?.op.content ?? commons?.solution.content
  const counts = { peers, concludedMs: Math.round(concludedMs), records }
  return {
    space,
    outcome,
    ...(synthesis !== undefined && { synthesis: synthesis.id }),
    ...(content !== undefined && { content }),
    ...(commons !== undefined && { known: true }),
    ...(firstOfferMs !== undefined && { firstOfferMs: Math.round(firstOfferMs) }),
    ...counts,
  }
}
