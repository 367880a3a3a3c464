/** The hashes that hold a log together, and the ids made of them. CONTEXT.md §3. */
import {
  concat,
  fromBase64url,
  type Hash,
  type LogId,
  type RecordId,
  recordIdOf,
  sha256,
  utf8,
} from '@amp-mesh/protocol'
import { isForgotten, type OpBytes, type Segment } from './segment.ts'

/** Of each entry of a segment, in order. */
export interface Links {
  /** The chain from the segment's own `prev` on. */
  readonly hashes: readonly Uint8Array[]
  /** Of each of its ops. */
  readonly leaves: readonly (readonly Uint8Array[])[]
}

const MAGIC = utf8('kgE1')
const PREIMAGE = 150
/** Where the parts of an entry's preimage stand: space "kgE1" pub epoch(6) seq(6) time(6) prev phash. */
const AT = { magic: 32, pub: 36, epoch: 68, seq: 74, time: 80, prev: 86, phash: 118 } as const

export class Hasher {
  readonly #hash: Hash
  readonly #preimage = new Uint8Array(PREIMAGE)
  readonly #view = new DataView(this.#preimage.buffer)

  /** `space`: the space id, or its 32 bytes. */
  constructor(space: string | Uint8Array, hash: Hash = sha256) {
    this.#hash = hash
    this.#preimage.set(typeof space === 'string' ? fromBase64url(space) : space)
    this.#preimage.set(MAGIC, AT.magic)
  }

  of({ pub, epoch, from, prev, entries }: Omit<Segment, 'signature'>): Links {
    this.#preimage.set(pub, AT.pub)
    this.#u48(AT.epoch, epoch)
    const leaves = entries.map(({ ops }) => ops.map(op => this.leaf(op)))
    let last = prev
    const hashes = entries.map(({ time }, i) => {
      this.#u48(AT.seq, from + i)
      this.#u48(AT.time, time)
      this.#preimage.set(last, AT.prev)
      this.#preimage.set(this.#phash(leaves[i] as Uint8Array[]), AT.phash)
      last = this.#hash(this.#preimage)
      return last
    })
    return { hashes, leaves }
  }

  leaf(op: OpBytes): Uint8Array {
    return isForgotten(op) ? op.leaf : this.#hash(op)
  }

  recordId(log: LogId, n: number, leaf: Uint8Array): RecordId {
    return recordIdOf(log, n, leaf, this.#hash)
  }

  /** sha(leaf_1 ‖ … ‖ leaf_k): any one op can be forgotten and leave it as it was. */
  #phash(leaves: readonly Uint8Array[]): Uint8Array {
    return this.#hash(leaves.length === 1 ? (leaves[0] as Uint8Array) : concat(...leaves))
  }

  #u48(at: number, value: number): void {
    this.#view.setUint16(at, Math.floor(value / 2 ** 32))
    this.#view.setUint32(at + 2, value % 2 ** 32)
  }
}

/** Hashes of a segment's entries, in order. `space`: the space id's 32 bytes. */
export const chainOf = (space: Uint8Array, segment: Omit<Segment, 'signature'>): readonly Uint8Array[] =>
  new Hasher(space).of(segment).hashes
