/** One author's log as RAM holds it: an index of its chain. The bytes of its segments are in the store. */
import {
  equalBytes,
  type LogId,
  logIdOf,
  type PublicKey,
  type Rec,
  type SpaceId,
  toBase64url,
} from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import { NO_ENTRY } from './segment.ts'

/** What is kept of an entry that passed all rules. */
export interface Link {
  readonly hash: Uint8Array
  readonly time: number
  /** Quota the log has used up to and with this entry, and number of the op that follows it. */
  readonly spent: number
  readonly nextOp: number
}

/** The author signed two entries for sequence `at`: the log ends before it, on every replica. */
export interface Fork {
  readonly at: number
  /** Two segments that join the log's prefix and differ at `at`. `a`, our own half, is recalled from the store. */
  readonly a: Uint8Array | undefined
  readonly b: Uint8Array
}

const HASH = 32
/** Bytes of an entry beside its ops. */
const ENTRY_COST = 8
/** Room for this many entries at first; then half as many again whenever it is full. */
const ROOM = 4

export class Log {
  readonly id: LogId
  readonly pub: Uint8Array
  readonly by: PublicKey
  readonly epoch: number
  fork: Fork | undefined
  /** Its records, in order of their numbers. */
  readonly records: (Rec | Opaque)[] = []
  #length = 0
  // one column per field: a million entries cost 52 bytes each, not a million objects
  #hashes = new Uint8Array(ROOM * HASH)
  #times = new Float64Array(ROOM)
  #spent = new Float64Array(ROOM)
  #nextOps = new Uint32Array(ROOM)

  constructor(space: SpaceId, pub: Uint8Array, epoch: number) {
    this.id = logIdOf(space, pub, epoch)
    this.pub = pub.slice()
    this.by = toBase64url(pub)
    this.epoch = epoch
  }

  /** Number of entries: the next one has this sequence. */
  get length(): number {
    return this.#length
  }

  /** Time of its last entry, ms since the epoch; 0 for an empty log. */
  get time(): number {
    return this.timeAt(this.#length - 1) ?? 0
  }

  /** Number of the op that comes next. */
  get nextOp(): number {
    return this.#nextOps[this.#length - 1] ?? 0
  }

  /** Hash of an entry; of zeros before the first. Undefined where this replica holds nothing. */
  hashAt(seq: number): Uint8Array | undefined {
    if (seq === -1) return NO_ENTRY
    return this.#holds(seq) ? this.#hashes.subarray(seq * HASH, (seq + 1) * HASH) : undefined
  }

  timeAt(seq: number): number | undefined {
    return this.#holds(seq) ? this.#times[seq] : undefined
  }

  /** Quota used up to and with entry `seq`; 0 before the first. */
  spentAt(seq: number): number {
    return this.#holds(seq) ? (this.#spent[seq] as number) : 0
  }

  /** About how many bytes the entries [from, to] take in segments. */
  bytesIn(from: number, to: number): number {
    return to < from ? 0 : this.spentAt(to) - this.spentAt(from - 1) + (to - from + 1) * ENTRY_COST
  }

  /** `records`: those of the new entry. */
  extend({ hash, time, spent, nextOp }: Link, records: readonly (Rec | Opaque)[]): void {
    if (this.#length === this.#times.length) this.#grow()
    const seq = this.#length++
    this.#hashes.set(hash, seq * HASH)
    this.#times[seq] = time
    this.#spent[seq] = spent
    this.#nextOps[seq] = nextOp
    for (const record of records) this.records.push(record)
  }

  /** Cuts the log before `fork.at`. */
  cut(fork: Fork): void {
    this.fork = fork
    this.#length = Math.min(this.#length, fork.at)
    while ((this.records.at(-1)?.seq ?? -1) >= fork.at) this.records.pop()
  }

  /** Is this the chain in which entry `seq` has a hash that starts with `hash16`? Undefined where we hold nothing. */
  agrees(seq: number, hash16: Uint8Array): boolean | undefined {
    const mine = this.hashAt(seq)
    return mine === undefined ? undefined : equalBytes(mine.subarray(0, 16), hash16)
  }

  #holds(seq: number): boolean {
    return seq >= 0 && seq < this.#length
  }

  #grow(): void {
    const room = Math.ceil(this.#length * 1.5)
    this.#hashes = widened(this.#hashes, new Uint8Array(room * HASH))
    this.#times = widened(this.#times, new Float64Array(room))
    this.#spent = widened(this.#spent, new Float64Array(room))
    this.#nextOps = widened(this.#nextOps, new Uint32Array(room))
  }
}

function widened<Column extends { set(values: Column): void }>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
