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
import type { Hole } from './hole.ts'
import { type Checkpoint, liveOf } from './live-records.ts'
import { Stated } from './stated.ts'
import { type Link, Trunk } from './trunk.ts'

/** What counts of another history than the trunk. */
export interface Adopted {
  readonly links: readonly Link[]
  readonly records: readonly (Rec | Opaque)[]
  /** Its ops whose bytes did not come. */
  readonly lacking: readonly Hole[]
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
  /** The checkpoints in it. */
  readonly stated = new Stated()
  /** False while it begins with a checkpoint that no quorum of verifiers stands behind yet. */
  vouched = true
  /** Of the trunk, in order of their numbers. */
  readonly #records: (Rec | Opaque)[] = []
  /** Of a forked log: how many entries of the trunk count, and what counts after them. */
  #shown: { readonly own: number; readonly adopted: Adopted } | undefined
  /** Records of both. */
  #counting: readonly (Rec | Opaque)[] | undefined

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

  /** The last checkpoint that others can be given. */
  get checkpoint(): Checkpoint | undefined {
    return this.stated.last
  }

  /** Records that count, in order of their numbers. */
  get records(): readonly (Rec | Opaque)[] {
    if (this.#shown === undefined) return this.#records
    const { own, adopted } = this.#shown
    this.#counting ??= [...this.#records.filter(({ seq }) => seq < own), ...adopted.records]
    return this.#counting
  }

  /** Ops without bytes of what counts after the trunk. */
  get lackingBeside(): readonly Hole[] {
    return this.#shown?.adopted.lacking ?? []
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

  /** Number of the op behind entry `seq`. */
  nextOpAt(seq: number): number {
    if (this.inTrunk(seq)) return this.trunk.nextOpAt(seq)
    const { own, adopted } = this.#shown as { own: number; adopted: Adopted }
    return adopted.links[seq - own]?.nextOp ?? this.trunk.nextOpAt(own - 1)
  }

  /** Whether entry `seq` would count as the trunk has it. */
  inTrunk(seq: number): boolean {
    return this.#shown === undefined || seq < this.#shown.own
  }

  /** The trunk goes on. `records`: those of the new entry. */
  extend(link: Link, records: readonly (Rec | Opaque)[]): void {
    this.trunk.extend(link)
    for (const record of records) this.#records.push(record)
  }

  /** Begins an empty log at a checkpoint: with what was alive before it. */
  begin(checkpoint: Checkpoint, before: Link, live: readonly (Rec | Opaque)[]): void {
    this.trunk.begin(checkpoint.seq, before)
    this.stated.begin(checkpoint)
    this.vouched = false
    for (const record of live) this.#records.push(record)
  }

  /** Lets go of the entries before a checkpoint, and of all records there but the live ones. */
  prune({ seq, n }: Checkpoint): void {
    const live = new Set(liveOf(this.#records.filter(record => record.n < n)))
    const kept = this.#records.filter(record => record.n >= n || live.has(record))
    this.trunk.prune(seq)
    this.stated.pruned()
    this.#records.length = 0
    for (const record of kept) this.#records.push(record)
  }

  /** Bytes came after their entry: the records they are. */
  insert({ n: filled, seq }: Hole, records: readonly (Rec | Opaque)[]): void {
    if (this.inTrunk(seq)) {
      const at = this.#records.findLastIndex(({ n }) => n < filled) + 1
      this.#records.splice(at, 0, ...records)
      this.#counting = undefined
    } else {
      const { own, adopted } = this.#shown as { own: number; adopted: Adopted }
      const lacking = adopted.lacking.filter(({ n }) => n !== filled)
      this.#show(own, { ...adopted, lacking, records: [...adopted.records, ...records].sort((a, b) => a.n - b.n) })
    }
  }

  /** Takes a record that counts out. */
  remove({ id, seq }: Rec | Opaque): void {
    if (this.inTrunk(seq)) {
      const at = this.#records.findIndex(record => record.id === id)
      if (at >= 0) this.#records.splice(at, 1)
      this.#counting = undefined
    } else {
      const { own, adopted } = this.#shown as { own: number; adopted: Adopted }
      this.#show(own, { ...adopted, records: adopted.records.filter(record => record.id !== id) })
    }
  }

  /**
   * From now on the first `own` entries of the trunk count, and after them `adopted`. True if others did before; if not
   * they stay as they are, what was erased or filled in since included, unless they are shown `anew`.
   */
  show(own: number, adopted: Adopted, anew: boolean): boolean {
    const [length, last, before] = [this.length, this.hashAt(this.length - 1), this.#shown]
    this.#show(own, adopted)
    const isOther = this.length !== length || !equalBytes(this.hashAt(length - 1) as Uint8Array, last as Uint8Array)
    if (!isOther && !anew && before !== undefined) this.#show(before.own, before.adopted)
    return isOther
  }

  /** Is this the chain in which entry `seq` has a hash that starts with `hash16`? Undefined where we hold nothing. */
  agrees(seq: number, hash16: Uint8Array): boolean | undefined {
    const mine = this.hashAt(seq)
    return mine === undefined ? undefined : equalBytes(mine.subarray(0, 16), hash16)
  }

  #show(own: number, adopted: Adopted): void {
    this.#shown = { own, adopted }
    this.#counting = undefined
  }
}
