/**
 * One author's log as RAM holds it: an index of the chain it took first, its trunk, whose bytes are in the store; and,
 * when the author signed another history too, which entries of both still count.
 */
import {
  equalBytes,
  type LogId,
  logIdOf,
  type PublicKey,
  type Rec,
  type SpaceId,
  toBase64url,
  utf8,
} from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import type { Fork } from './fork.ts'
import type { History } from './history.ts'
import { NO_ENTRY } from './segment.ts'

/** What is kept of an entry that passed all rules. */
export interface Link {
  readonly hash: Uint8Array
  readonly time: number
  /** Quota the log has used up to and with this entry, and number of the op that follows it. */
  readonly spent: number
  readonly nextOp: number
}

/** What counts of another history than the trunk. */
export interface Adopted {
  readonly links: readonly Link[]
  readonly records: readonly (Rec | Opaque)[]
}

interface Trunk extends History {
  /** Number of the op behind entry `seq`; 0 before the first. */
  nextOpAt(seq: number): number
}

const HASH = 32
/** Bytes of an entry beside its ops. */
const ENTRY_COST = 8
/** Room for this many entries at first; then half as many again whenever it is full. */
const ROOM = 4

export class Log {
  readonly id: LogId
  /** The id as ASCII, as record ids are made of it. */
  readonly ascii: Uint8Array
  readonly pub: Uint8Array
  readonly by: PublicKey
  readonly epoch: number
  /** All that was taken of the first history, whether it still counts or not. */
  readonly trunk: Trunk
  fork: Fork | undefined
  /** Of the trunk, in order of their numbers. */
  readonly #records: (Rec | Opaque)[] = []
  #length = 0
  // one column per field: a million entries cost 52 bytes each, not a million objects
  #hashes = new Uint8Array(ROOM * HASH)
  #times = new Float64Array(ROOM)
  #spent = new Float64Array(ROOM)
  #nextOps = new Uint32Array(ROOM)
  /** Of a forked log: how many entries of the trunk count, what counts after them, and the records of both. */
  #shown: { readonly own: number; readonly adopted: Adopted; readonly records: readonly (Rec | Opaque)[] } | undefined

  constructor(space: SpaceId, pub: Uint8Array, epoch: number) {
    this.id = logIdOf(space, pub, epoch)
    this.ascii = utf8(this.id)
    this.pub = pub.slice()
    this.by = toBase64url(pub)
    this.epoch = epoch
    const end = () => this.#length - 1
    this.trunk = {
      get end() {
        return end()
      },
      hashAt: seq => (seq === -1 ? NO_ENTRY : this.#hashAt(seq)),
      timeAt: seq => (this.#holds(seq) ? this.#times[seq] : undefined),
      spentAt: seq => (this.#holds(seq) ? (this.#spent[seq] as number) : 0),
      nextOpAt: seq => (this.#holds(seq) ? (this.#nextOps[seq] as number) : 0),
    }
  }

  /** Number of entries that count: the next one has this sequence. */
  get length(): number {
    return this.#shown === undefined ? this.#length : this.#shown.own + this.#shown.adopted.links.length
  }

  /** Records that count, in order of their numbers. */
  get records(): readonly (Rec | Opaque)[] {
    return this.#shown?.records ?? this.#records
  }

  /** Time of its last entry, ms since the epoch; 0 for an empty log. */
  get time(): number {
    return this.timeAt(this.length - 1) ?? 0
  }

  /** Hash of an entry; of zeros before the first. Undefined where nothing counts. */
  hashAt(seq: number): Uint8Array | undefined {
    if (seq === -1) return NO_ENTRY
    if (this.#shown === undefined || seq < this.#shown.own) return this.#hashAt(seq)
    return this.#shown.adopted.links[seq - this.#shown.own]?.hash
  }

  timeAt(seq: number): number | undefined {
    if (this.#shown === undefined || seq < this.#shown.own) return this.trunk.timeAt(seq)
    return this.#shown.adopted.links[seq - this.#shown.own]?.time
  }

  /** About how many bytes the trunk's entries [from, to] take in segments. */
  bytesIn(from: number, to: number): number {
    return to < from ? 0 : this.trunk.spentAt(to) - this.trunk.spentAt(from - 1) + (to - from + 1) * ENTRY_COST
  }

  /** The trunk goes on. `records`: those of the new entry. */
  extend({ hash, time, spent, nextOp }: Link, records: readonly (Rec | Opaque)[]): void {
    if (this.#length === this.#times.length) this.#grow()
    const seq = this.#length++
    this.#hashes.set(hash, seq * HASH)
    this.#times[seq] = time
    this.#spent[seq] = spent
    this.#nextOps[seq] = nextOp
    for (const record of records) this.#records.push(record)
  }

  /** From now on the first `own` entries of the trunk count, and after them `adopted`. True if others did before. */
  show(own: number, adopted: Adopted): boolean {
    const [length, last] = [this.length, this.hashAt(this.length - 1)]
    const records = [...this.#records.filter(({ seq }) => seq < own), ...adopted.records]
    this.#shown = { own, adopted, records }
    return this.length !== length || !equalBytes(this.hashAt(length - 1) as Uint8Array, last as Uint8Array)
  }

  /** Is this the chain in which entry `seq` has a hash that starts with `hash16`? Undefined where we hold nothing. */
  agrees(seq: number, hash16: Uint8Array): boolean | undefined {
    const mine = this.hashAt(seq)
    return mine === undefined ? undefined : equalBytes(mine.subarray(0, 16), hash16)
  }

  #hashAt(seq: number): Uint8Array | undefined {
    return this.#holds(seq) ? this.#hashes.subarray(seq * HASH, (seq + 1) * HASH) : undefined
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
