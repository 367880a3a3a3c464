/** A candidate: an agent that may be able to do what was asked for, how sure we are, and how it was found. */
import type { AgentCard, AgentId, PeerId } from '@amp-mesh/protocol'

export interface Candidate {
  readonly agent: AgentId
  readonly peer: PeerId
  readonly card: AgentCard
  /** 0..1, see rank.ts: comparable between candidates of one request, not between embedders. */
  readonly score: number
  /** What the score is made of: cosine of the closest passage, and share of the best possible word score; 0..1. */
  readonly similarity: number
  readonly words: number
  /** The words of the card's capability that match best. */
  readonly capability: string
  /** Where its card came from. */
  readonly via: 'directory' | 'dht'
  /** In the DHT: the word it was found under. */
  readonly key?: string
  readonly acquaintance?: Acquaintance
}

/** What this peer knows of a candidate beside its card. */
export interface Acquaintance {
  /** 0..1, from this peer's experience and its commons; undefined: none yet, a newcomer. */
  readonly reputation?: number
  /** Round trip of the last ping, ms; undefined: no connection now. */
  readonly rttMs?: number
}
