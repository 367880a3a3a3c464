/** Entries of one log that follow each other, as somebody holds them. */
import { equalBytes } from '@amp-mesh/protocol'
import type { Segment } from './segment.ts'

export interface Chain {
  /** Hash of an entry; of zeros before the first. Undefined where nothing is held. */
  hashAt(seq: number): Uint8Array | undefined
}

export interface History extends Chain {
  /** Last entry held; -1 if none is. */
  readonly end: number
  /** ms since the epoch. */
  timeAt(seq: number): number | undefined
  /** Quota used up to and with entry `seq`; 0 before the first. */
  spentAt(seq: number): number
}

/** A signed segment, with the hash of each of its entries. */
export interface Piece {
  readonly segment: Segment
  readonly hashes: readonly Uint8Array[]
}

/** True if the entry before `piece` is one of `chain`. */
export function joins(chain: Chain, { segment }: Piece): boolean {
  const before = chain.hashAt(segment.from - 1)
  return before !== undefined && equalBytes(before, segment.prev)
}

/** The first entry from `piece` on that `chain` does not have; behind its last if it has all. */
export function partingOf(chain: Chain, { segment, hashes }: Piece): number {
  const differing = hashes.findIndex((hash, i) => !isSame(chain.hashAt(segment.from + i), hash))
  return segment.from + (differing < 0 ? hashes.length : differing)
}

export const lastOf = ({ segment }: Piece): number => segment.from + segment.entries.length - 1

/** False where one of them is not held. */
export const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a !== undefined && b !== undefined && equalBytes(a, b)
