/** A subscription: what is published under subjects that fit, as an async iterable. */
import type { AgentId, Json, PeerId, Rec } from '@amp-mesh/protocol'

/** Something that was published. */
export interface Published {
  readonly subject: string
  readonly data: Json
  readonly from: PeerId
  /** Which agent of that peer, if it says so. */
  readonly agent?: AgentId
  readonly id: string
  /** By its author's clock, ms since the epoch. */
  readonly time: number
  /** Under a space's subject: the record itself. */
  readonly record?: Rec
}

/** Iterate it; breaking out of the loop, or the signal, ends it. */
export interface Subscription extends AsyncIterable<Published> {
  /** Publications that were dropped because this reader was too slow; of a space's subject always 0. */
  readonly missed: number
}

export interface SubscribeOptions {
  /** So many of the last ones first (default 0). */
  last?: number
  signal?: AbortSignal
}
