/** A vote: a verifier's word, signed on its own, that one record shall stand in a slot. CONTEXT.md §12. */
import { sha256 } from './bytes.ts'
import { canonicalBytes } from './canonical-json.ts'
import type { RecordId, SpaceId } from './ids.ts'

export interface Vote {
  /** What is decided: alternatives that exclude each other share one. */
  readonly slot: string
  /** A slot is decided again and again; each time is a version, from 0. */
  readonly ver: number
  /** The candidate. */
  readonly of: RecordId
}

/** Number of the set of verifiers a vote belongs to. The genesis fixes the set, so there is one. */
export const VOTE_EPOCH = 0

/** What a voter signs: sha(canonical JSON of ["vote", space id, 0, slot, ver, record id]), 32 bytes. */
export const voteHash = (space: SpaceId, { slot, ver, of }: Vote): Uint8Array =>
  sha256(canonicalBytes(['vote', space, VOTE_EPOCH, slot, ver, of]))
