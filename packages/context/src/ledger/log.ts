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
  type RecordId,
  type SpaceId,
  toBase64url,
  utf8,
} from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import type { Fork } from './fork.ts'
import { type Checkpoint, liveOf } from './live-records.ts'
import { type Link, Trunk } from './trunk.ts'

/** What counts of another history than the trunk. */
export interface Adopted {
  readonly links: readonly Link[]
  readonly records: readonly (Rec | Opaque)[]
}

export class Log {
  readonly id: LogId
  /** The id as ASCII, as record ids are made of it. */
  readonly ascii: Uint8Array
  readonly pub: Uint8Array
  readonly by: PublicKey
  readonly epoch: number
  /** All that was taken of the first history, whether it still counts or not. */
  readonly trunk = new Trunk()
  fork: Fork | undefined
  /** The last one of its author that is true. */
  checkpoint: Checkpoint | undefined
  /** The entry in which its author stated a false one: nobody should rely on what comes after. */
  liedAt: number | undefined
  /** False while it begins with a checkpoint that no quorum of verifiers stands behind yet. */
  vouched = true
  /** Of the trunk, in order of their numbers. */
  readonly #records: (Rec | Opaque)[] = []
  /** Of a forked log: how many entries of the trunk count, what counts after them, and the records of both. */
  #shown: { readonly own: number; readonly adopted: Adopted; readonly records: readonly (Rec | Opaque)[] } | undefined

  constructor(space: SpaceId, pub: Uint8Array, epoch: number) {
    this.id = logIdOf(space, pub, epoch)
    this.ascii = utf8(this.id)
    this.pub = pub.slice()
    this.by = toBase64url(pub)
    this.epoch = epoch
  }

  /** Number of entries that count: the next one has this sequence. */
  get length(): number {
    return this.#shown === undefined ? this.trunk.end + 1 : this.#shown.own + this.#shown.adopted.links.length
  }

  /** Records that count, in order of their numbers. */
  get records(): readonly (Rec | Opaque)[] {
    return this.#shown?.records ?? this.#records
  }

  /** Records of the first history, whether they still count or not. */
  get trunkRecords(): readonly (Rec | Opaque)[] {
    return this.#records
  }

  /** Time of its last entry, ms since the epoch; 0 for an empty log. */
  get time(): number {
    return this.timeAt(this.length - 1) ?? 0
  }

  /** Hash of an entry; of zeros before the first. Undefined where nothing counts. */
  hashAt(seq: number): Uint8Array | undefined {
    if (this.#shown === undefined || seq < this.#shown.own) return this.trunk.hashAt(seq)
    return this.#shown.adopted.links[seq - this.#shown.own]?.hash
  }

  timeAt(seq: number): number | undefined {
    if (this.#shown === undefined || seq < this.#shown.own) return this.trunk.timeAt(seq)
    return this.#shown.adopted.links[seq - this.#shown.own]?.time
  }

  /** The trunk goes on. `records`: those of the new entry. */
  extend(link: Link, records: readonly (Rec | Opaque)[]): void {
    this.trunk.extend(link)
    for (const record of records) this.#records.push(record)
  }

  /** Begins an empty log at a checkpoint: with what was alive before it. */
  begin(checkpoint: Checkpoint, before: Link, live: readonly (Rec | Opaque)[]): void {
    this.trunk.begin(checkpoint.seq, before)
    this.checkpoint = checkpoint
    this.vouched = false
    for (const record of live) this.#records.push(record)
  }

  /** Lets go of the entries before a checkpoint, and of all records there but the live ones. */
  prune({ seq, n }: Checkpoint): void {
    const live = new Set(liveOf(this.#records.filter(record => record.n < n)))
    const kept = this.#records.filter(record => record.n >= n || live.has(record))
    this.trunk.prune(seq)
    this.#records.length = 0
    for (const record of kept) this.#records.push(record)
  }

  /** A record whose bytes came after its entry. */
  insert(record: Rec | Opaque): void {
    const at = this.#records.findLastIndex(({ n }) => n < record.n) + 1
    this.#records.splice(at, 0, record)
  }

  /** Takes a record of the trunk out, if it is there. */
  remove(id: RecordId): Rec | Opaque | undefined {
    const at = this.#records.findIndex(record => record.id === id)
    return at < 0 ? undefined : this.#records.splice(at, 1)[0]
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
}
