/** What verifiers acknowledged: "I hold this log up to this entry, durably". CONTEXT.md §6. */
import { type LogId, type PublicKey, type Rec, toBase64url } from '@amp-mesh/protocol'
import type { Quorum } from '../quorum.ts'
import type { Chain } from './history.ts'

/** An entry of a log as an ack names it: its sequence and the first 16 bytes of its hash, base64url. */
export type Acked = readonly [seq: number, hash: string]

/** By verifier: every entry of one log that it ever acknowledged. */
export type AckView = ReadonlyMap<PublicKey, readonly Acked[]>

/** Who counts: how many verifiers it takes, and those whose own word broke. */
export interface Bench {
  readonly quorum: Quorum
  readonly verifiers: ReadonlySet<PublicKey>
  /**
   * Verifiers with a proven fork. Which of their words survive depends on what reached whom, so none of it counts;
   * instead each of them supports everything, on every replica alike. That decides nothing against the honest: there
   * are at most f of them, and any two sets of Q share one that is not.
   */
  readonly broken: ReadonlySet<PublicKey>
}

/** Every ack a ledger took in, also of logs that are not here yet. It only grows: an ack can't be taken back. */
export class Acks {
  readonly #verifiers: ReadonlySet<PublicKey>
  readonly #byLog = new Map<LogId, Map<PublicKey, Acked[]>>()

  constructor(verifiers: ReadonlySet<PublicKey>) {
    this.#verifiers = verifiers
  }

  /** Acks of others than verifiers are shown, never counted. */
  add({ by, op }: Rec<'ack'>): void {
    if (!this.#verifiers.has(by)) return
    for (const [log, seq, hash] of op.heads) {
      const ofLog = this.#byLog.get(log) ?? new Map<PublicKey, Acked[]>()
      this.#byLog.set(log, ofLog)
      const acked = ofLog.get(by)
      if (acked === undefined) ofLog.set(by, [[seq, hash]])
      else acked.push([seq, hash])
    }
  }

  of(log: LogId): AckView {
    return this.#byLog.get(log) ?? new Map()
  }
}

/**
 * The highest entry of `chain` up to which Q verifiers hold it: whatever else its author signs, no replica ever gives
 * that part up. -1: no such entry. `author`, if it is a verifier, holds its own log without saying so.
 */
export function finalSeq(
  chain: Chain,
  acks: AckView,
  { quorum, verifiers, broken }: Bench,
  author?: PublicKey,
): number {
  const standing = [...acks].filter(([by]) => by !== author && !broken.has(by))
  const held = standing.map(([, acked]) => ackedSeq(chain, acked)).sort((a, b) => b - a)
  const silent = new Set(author !== undefined && verifiers.has(author) ? [...broken, author] : broken).size
  // with more broken verifiers than the arithmetic bears, nothing is proven by anybody's silence
  return held[quorum.most - silent - 1] ?? -1
}

/** The highest entry of `chain` among those acknowledged; -1 if none is. The last ones mostly are the highest. */
export function ackedSeq(chain: Chain, acked: readonly Acked[]): number {
  return acked.reduceRight((highest, [seq, hash]) => (seq > highest && isEntry(chain, seq, hash) ? seq : highest), -1)
}

export function isEntry(chain: Chain, seq: number, hash: string): boolean {
  const held = chain.hashAt(seq)
  return held !== undefined && hash16(held) === hash
}

/** The first 16 bytes of an entry's hash, as heads and acks name it. */
export const hash16 = (hash: Uint8Array): string => toBase64url(hash.subarray(0, 16))
