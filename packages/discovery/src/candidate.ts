/** A candidate: an agent that may be able to do what was asked for, and how sure we are. */
import type { AgentCard, AgentId, PeerId } from '@amp-mesh/protocol'

export interface Candidate {
  readonly agent: AgentId
  readonly peer: PeerId
  readonly card: AgentCard
  /** 0..1, see rank.ts: comparable between candidates of one request, not between embedders. */
  readonly score: number
  /** The words of the card's capability that match best. */
  readonly capability: string
  /** Where its card came from. */
  readonly via: 'directory' | 'dht'
  readonly standing?: Standing
}

/** What is known of a candidate beside its card. */
export interface Standing {
  /** 0..1, from this peer's experience and its commons; undefined: none yet, a newcomer. */
  readonly reputation?: number
  /** Round trip of the last ping, ms; undefined: no connection now. */
  readonly rttMs?: number
}
