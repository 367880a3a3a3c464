/** One author's log as this replica holds it: its chain of entries, and the signatures that cover them. */

import type { Rec } from '@amp-mesh/protocol'
import {
  equalBytes,
  LEDGER_LIMITS,
  type LogId,
  logIdOf,
  type PublicKey,
  type SpaceId,
  toBase64url,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import { type Entry, encodeSegment, entryLength, NO_ENTRY, SEGMENT_OVERHEAD } from './segment.ts'

/** An entry that passed all rules. */
export interface HeldEntry extends Entry {
  readonly hash: Uint8Array
  /** Quota the log has used up to and with this entry, and number of the op that follows it. */
  readonly spent: number
  readonly nextOp: number
  readonly records: readonly (Rec | Opaque)[]
}

/** The author signed two entries for sequence `at`: the log ends before it, on every replica. */
export interface Fork {
  readonly at: number
  /** Two segments that join the log's prefix and differ at `at`. */
  readonly a: Uint8Array
  readonly b: Uint8Array
}

export class Log {
  readonly id: LogId
  readonly pub: Uint8Array
  readonly by: PublicKey
  readonly epoch: number
  fork: Fork | undefined
  readonly #entries: HeldEntry[] = []
  /** By sequence. Entries between two signed ones are covered by the later signature. */
  readonly #signatures = new Map<number, Uint8Array>()

  constructor(space: SpaceId, pub: Uint8Array, epoch: number) {
    this.id = logIdOf(space, pub, epoch)
    this.pub = pub.slice()
    this.by = toBase64url(pub)
    this.epoch = epoch
  }

  /** Number of entries: the next one has this sequence. */
  get length(): number {
    return this.#entries.length
  }

  get last(): HeldEntry | undefined {
    return this.#entries.at(-1)
  }

  entry(seq: number): HeldEntry | undefined {
    return this.#entries[seq]
  }

  /** Hash of an entry; of zeros before the first. Undefined where this replica holds nothing. */
  hashAt(seq: number): Uint8Array | undefined {
    return seq === -1 ? NO_ENTRY : this.#entries[seq]?.hash
  }

  *records(): Iterable<Rec | Opaque> {
    for (const entry of this.#entries) yield* entry.records
  }

  /** `signature` covers the last of `entries`. */
  extend(entries: readonly HeldEntry[], signature: Uint8Array): void {
    for (const entry of entries) this.#entries.push(entry)
    this.#signatures.set(this.length - 1, signature)
  }

  /** Cuts the log before `fork.at`. */
  cut(fork: Fork): void {
    this.fork = fork
    this.#entries.length = Math.min(this.length, fork.at)
    for (const seq of this.#signatures.keys()) if (seq >= fork.at) this.#signatures.delete(seq)
  }

  /**
   * The entries of [from, to] in as few segments as their signatures and bounds allow; the last may reach beyond
   * `to`, to the signature that covers it. After a cut the last entries may have no signature left but the proof's.
   */
  *segments(from: number, to: number): Iterable<{ readonly to: number; readonly bytes: Uint8Array }> {
    for (let at = from; at <= to; ) {
      const end = this.#segmentEnd(at, to)
      if (end === undefined) return
      yield { to: end, bytes: this.segment(at, end) }
      at = end + 1
    }
  }

  /** The segment [from, to]; `to` must be a signed entry. */
  segment(from: number, to: number): Uint8Array {
    const prev = this.hashAt(from - 1)
    const signature = this.#signatures.get(to)
    if (prev === undefined || signature === undefined) throw new RangeError(`no segment ${from}..${to} in ${this.id}`)
    const entries = this.#entries.slice(from, to + 1)
    return encodeSegment({ pub: this.pub, epoch: this.epoch, from, prev, entries, signature })
  }

  /** A segment that holds entry `seq` and starts where the signatures before it end: one half of a proof. */
  covering(seq: number): Uint8Array {
    const signed = [...this.#signatures.keys()]
    const start = signed.filter(each => each < seq).reduce((max, each) => Math.max(max, each), -1) + 1
    const end = signed.filter(each => each >= seq).reduce((min, each) => Math.min(min, each), Number.POSITIVE_INFINITY)
    // below an earlier cut the covering signature may have gone with the branch: the old proof still holds it
    return end === Number.POSITIVE_INFINITY && this.fork !== undefined ? this.fork.a : this.segment(start, end)
  }

  /** Is this the chain in which entry `seq` has a hash that starts with `hash16`? Undefined where we hold nothing. */
  agrees(seq: number, hash16: Uint8Array): boolean | undefined {
    const mine = this.hashAt(seq)
    return mine === undefined ? undefined : equalBytes(mine.subarray(0, 16), hash16)
  }

  /** Last entry of the longest segment from `from` that needs not go beyond the first signature at or after `to`. */
  #segmentEnd(from: number, to: number): number | undefined {
    let end: number | undefined
    let bytes = SEGMENT_OVERHEAD
    for (let seq = from; seq < this.length && seq < from + LEDGER_LIMITS.entriesPerSegment; seq++) {
      bytes += entryLength(this.#entries[seq] as HeldEntry)
      if (bytes > WIRE_LIMITS.segment) break
      if (this.#signatures.has(seq)) end = seq
      if (end !== undefined && end >= to) break
    }
    return end
  }
}
