/** The history of a log that was taken first, as RAM holds it: an index. The bytes of its segments are in the store. */
import type { History } from './history.ts'
import { NO_ENTRY } from './segment.ts'

/** What is kept of an entry that passed all rules. */
export interface Link {
  readonly hash: Uint8Array
  readonly time: number
  /** Bytes the log has used up to and with this entry, and number of the op that follows it. */
  readonly spent: number
  readonly nextOp: number
}

const HASH = 32
/** Bytes of an entry beside its ops. */
const ENTRY_COST = 8
/** Room for this many entries at first; then half as many again whenever it is full. */
const ROOM = 4

export class Trunk implements History {
  /** First entry held: what was before it is only known by a checkpoint. */
  #start = 0
  #before: Link = { hash: NO_ENTRY, time: 0, spent: 0, nextOp: 0 }
  #length = 0
  // one column per field: a million entries cost 52 bytes each, not a million objects
  #hashes = new Uint8Array(ROOM * HASH)
  #times = new Float64Array(ROOM)
  #spent = new Float64Array(ROOM)
  #nextOps = new Uint32Array(ROOM)

  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#start + this.#length - 1
  }

  hashAt(seq: number): Uint8Array | undefined {
    if (seq === this.#start - 1) return this.#before.hash
    const at = seq - this.#start
    return this.#holds(seq) ? this.#hashes.subarray(at * HASH, (at + 1) * HASH) : undefined
  }

  timeAt(seq: number): number | undefined {
    return this.#holds(seq) ? this.#times[seq - this.#start] : undefined
  }

  /** Bytes used up to and with entry `seq`. */
  spentAt(seq: number): number {
    return this.#holds(seq) ? (this.#spent[seq - this.#start] as number) : this.#before.spent
  }

  /** Number of the op behind entry `seq`. */
  nextOpAt(seq: number): number {
    return this.#holds(seq) ? (this.#nextOps[seq - this.#start] as number) : this.#before.nextOp
  }

  /** About how many bytes the entries [from, to] take in segments. */
  bytesIn(from: number, to: number): number {
    return to < from ? 0 : this.spentAt(to) - this.spentAt(from - 1) + (to - from + 1) * ENTRY_COST
  }

  extend({ hash, time, spent, nextOp }: Link): void {
    if (this.#length === this.#times.length) this.#resize(0, Math.ceil(this.#length * 1.5))
    const at = this.#length++
    this.#hashes.set(hash, at * HASH)
    this.#times[at] = time
    this.#spent[at] = spent
    this.#nextOps[at] = nextOp
  }

  /** An empty trunk begins at entry `start`, after what `before` says. */
  begin(start: number, before: Link): void {
    this.#start = start
    this.#before = before
  }

  /** Lets go of the entries before `start`. */
  prune(start: number): void {
    const skip = start - this.#start
    const before: Link = {
      hash: (this.hashAt(start - 1) as Uint8Array).slice(),
      time: this.timeAt(start - 1) ?? 0,
      spent: this.spentAt(start - 1),
      nextOp: this.nextOpAt(start - 1),
    }
    this.#length -= skip
    this.#resize(skip, Math.max(ROOM, this.#length))
    this.begin(start, before)
  }

  #holds(seq: number): boolean {
    return seq >= this.#start && seq < this.#start + this.#length
  }

  #resize(skip: number, room: number): void {
    const end = skip + this.#length
    this.#hashes = resized(this.#hashes.subarray(skip * HASH, end * HASH), new Uint8Array(room * HASH))
    this.#times = resized(this.#times.subarray(skip, end), new Float64Array(room))
    this.#spent = resized(this.#spent.subarray(skip, end), new Float64Array(room))
    this.#nextOps = resized(this.#nextOps.subarray(skip, end), new Uint32Array(room))
  }
}

function resized<Column extends { set(values: Column): void }>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
