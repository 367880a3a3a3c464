/**
 * One author's log as this replica holds it: the chain of entries it took first, its trunk, with the signatures that
 * cover them; and, when the author signed another history too, which entries of both still count.
 */
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
import type { Fork } from './fork.ts'
import type { HeldEntry } from './held-entry.ts'
import type { History } from './history.ts'
import { encodeSegment, entryLength, NO_ENTRY, SEGMENT_OVERHEAD } from './segment.ts'

interface Trunk extends History {
  entry(seq: number): HeldEntry | undefined
}

export class Log {
  readonly id: LogId
  readonly pub: Uint8Array
  readonly by: PublicKey
  readonly epoch: number
  /** All that was taken of the first history, whether it still counts or not. */
  readonly trunk: Trunk
  fork: Fork | undefined
  readonly #entries: HeldEntry[] = []
  /** By sequence. Entries between two signed ones are covered by the later signature. */
  readonly #signatures = new Map<number, Uint8Array>()
  /** Of a forked log: how many entries of the trunk count, and those of another history that count after them. */
  #shown: { readonly own: number; readonly adopted: readonly HeldEntry[] } | undefined

  constructor(space: SpaceId, pub: Uint8Array, epoch: number) {
    this.id = logIdOf(space, pub, epoch)
    this.pub = pub.slice()
    this.by = toBase64url(pub)
    this.epoch = epoch
    const entries = this.#entries
    this.trunk = {
      get end() {
        return entries.length - 1
      },
      hashAt: seq => (seq === -1 ? NO_ENTRY : entries[seq]?.hash),
      entry: seq => entries[seq],
      spentAt: seq => entries[seq]?.spent ?? 0,
    }
  }

  /** Number of entries that count: the next one has this sequence. */
  get length(): number {
    return this.#shown === undefined ? this.#entries.length : this.#shown.own + this.#shown.adopted.length
  }

  get last(): HeldEntry | undefined {
    return this.entry(this.length - 1)
  }

  entry(seq: number): HeldEntry | undefined {
    if (this.#shown === undefined || seq < this.#shown.own) return this.#entries[seq]
    return this.#shown.adopted[seq - this.#shown.own]
  }

  /** Hash of an entry; of zeros before the first. Undefined where nothing counts. */
  hashAt(seq: number): Uint8Array | undefined {
    return seq === -1 ? NO_ENTRY : this.entry(seq)?.hash
  }

  *records(): Iterable<Rec | Opaque> {
    for (let seq = 0; seq < this.length; seq++) yield* (this.entry(seq) as HeldEntry).records
  }

  /** The trunk goes on. `signature` covers the last of `entries`. */
  extend(entries: readonly HeldEntry[], signature: Uint8Array): void {
    for (const entry of entries) this.#entries.push(entry)
    this.#signatures.set(this.trunk.end, signature)
  }

  /** From now on the first `own` entries of the trunk count, and after them `adopted`. True if others did before. */
  show(own: number, adopted: readonly HeldEntry[]): boolean {
    const before = [this.length, this.last?.hash] as const
    this.#shown = { own, adopted }
    return this.length !== before[0] || this.last?.hash !== before[1]
  }

  /**
   * The trunk's entries of [from, to] in as few segments as their signatures and bounds allow; the last may reach
   * beyond `to`, to the signature that covers it.
   */
  *segments(from: number, to: number): Iterable<{ readonly to: number; readonly bytes: Uint8Array }> {
    for (let at = from; at <= to; ) {
      const end = this.#segmentEnd(at, to)
      if (end === undefined) return
      yield { to: end, bytes: this.segment(at, end) }
      at = end + 1
    }
  }

  /** The trunk's segment [from, to]; `to` must be a signed entry. */
  segment(from: number, to: number): Uint8Array {
    const prev = this.trunk.hashAt(from - 1)
    const signature = this.#signatures.get(to)
    if (prev === undefined || signature === undefined) throw new RangeError(`no segment ${from}..${to} in ${this.id}`)
    const entries = this.#entries.slice(from, to + 1)
    return encodeSegment({ pub: this.pub, epoch: this.epoch, from, prev, entries, signature })
  }

  /** The trunk's segment that holds entry `seq` and starts where the signatures before it end: half of a proof. */
  covering(seq: number): Uint8Array {
    const signed = [...this.#signatures.keys()]
    const start = signed.filter(each => each < seq).reduce((max, each) => Math.max(max, each), -1) + 1
    const end = signed.filter(each => each >= seq).reduce((min, each) => Math.min(min, each), Number.POSITIVE_INFINITY)
    return this.segment(start, end)
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
    for (let seq = from; seq <= this.trunk.end && seq < from + LEDGER_LIMITS.entriesPerSegment; seq++) {
      bytes += entryLength(this.#entries[seq] as HeldEntry)
      if (bytes > WIRE_LIMITS.segment) break
      if (this.#signatures.has(seq)) end = seq
      if (end !== undefined && end >= to) break
    }
    return end
  }
}
