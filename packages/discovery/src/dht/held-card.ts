/** A card as the index in the DHT knows it: opened, checked, with its features. */
import {
  type AgentCard,
  type AgentId,
  type Clock,
  DISCOVERY_LIMITS,
  type MeshId,
  type PeerId,
  parseAgentId,
  putLatest,
  type SignedCard,
  type Verify,
} from '@amp-mesh/protocol'
import { rowsOf } from '../card-vectors.ts'
import { isCandidate } from '../directory.ts'
import { cardDigest, isFromFuture, soundCard } from '../sound-card.ts'
import { type Features, featuresOf } from './features.ts'

export interface HeldCard {
  readonly agent: AgentId
  /** Whose key signed it. */
  readonly publisher: PeerId
  readonly seq: number
  /** ms since the epoch. */
  readonly expires: number
  /** Its agent takes questions; of one that does not the card is kept, or an earlier one would come back. */
  readonly isOpen: boolean
  readonly signed: SignedCard
  readonly features: Features
  /** Vectors of the publisher's own embedder, where it has one beside the built-in. */
  readonly vectors?: { readonly space: string; readonly rows: readonly Int8Array[] } | undefined
  /** Of this peer's own cards: keys of the codebook to publish it under beside its words. */
  readonly concepts?: readonly string[]
}

export interface CardReaderInit {
  mesh: MeshId
  verify: Verify
  clock: Clock
  /** The card with this digest, where somebody opened it and found it sound: gossip often brings it first. */
  opened?(digest: string): AgentCard | undefined
}

/** The one door for cards of the index: opens, checks and reads each once. */
export class CardReader {
  readonly #init: CardReaderInit
  /** By digest; the longest unused go. A card that was refused stays refused. */
  readonly #known = new Map<string, HeldCard | undefined>()

  constructor(init: CardReaderInit) {
    this.#init = init
  }

  /** Undefined for one that is forged, malformed, too large, of another mesh, expired, or lives longer than agreed. */
  read(signed: SignedCard): HeldCard | undefined {
    const digest = cardDigest(signed)
    const held = this.#known.has(digest) ? this.#known.get(digest) : this.#open(signed, digest)
    putLatest(this.#known, digest, held, DISCOVERY_LIMITS.readCards)
    return held !== undefined && held.expires > this.#init.clock.now() ? held : undefined
  }

  #open(signed: SignedCard, digest: string): HeldCard | undefined {
    const { mesh, verify, clock, opened } = this.#init
    const card = opened?.(digest) ?? soundCard(signed, mesh, verify)
    return card === undefined || isFromFuture(card, clock.now()) ? undefined : heldCard(card, signed)
  }
}

export function heldCard(card: AgentCard, signed: SignedCard): HeldCard {
  const { agent, seq, expires, vectors } = card
  return {
    agent,
    publisher: parseAgentId(agent).peer,
    seq,
    expires,
    isOpen: isCandidate(card),
    signed,
    features: featuresOf(card),
    ...(vectors !== undefined && { vectors: { space: vectors.space, rows: rowsOf(vectors) } }),
  }
}
