/** The hashes that hold a log together, and the ids made of them. CONTEXT.md §3. */
import { fromBase64url, type Hash, portableHash, type RecordId, toBase64url, utf8 } from '@amp-mesh/protocol'
import { isKept } from './kept.ts'
import { type Entry, isForgotten, type OpBytes, type Segment } from './segment.ts'

/** Of each entry of a segment, in order. */
export interface Links {
  /** The chain from the segment's own `prev` on. */
  readonly hashes: readonly Uint8Array[]
  /** Of each of its ops length and hash, as the chain covers them: so many times 36 bytes. */
  readonly rows: readonly Uint8Array[]
}

const MAGIC = utf8('kgE2')
const HASH = 32
/** Length and hash of an op. */
const ROW = 4 + HASH
/** In the length of an op that has no forgotten form. */
const KEPT = 0x80000000
const PREIMAGE = 150
/** Where the parts of an entry's preimage stand: space "kgE2" pub epoch(6) seq(6) time(6) prev phash. */
const AT = { magic: 32, pub: 36, epoch: 68, seq: 74, time: 80, prev: 86, phash: 118 } as const

/** Where the parts of a record id's preimage stand: ascii log id, n(6), leaf. */
const ID_AT = { n: 22, leaf: 28 } as const

export class Hasher {
  readonly #hash: Hash
  readonly #preimage = new Uint8Array(PREIMAGE)
  readonly #view = new DataView(this.#preimage.buffer)
  readonly #idPreimage = new Uint8Array(60)
  readonly #idView = new DataView(this.#idPreimage.buffer)
  readonly #digest = new Uint8Array(HASH)
  readonly #idBytes = this.#digest.subarray(0, 24)

  /** `space`: the space id, or its 32 bytes. */
  constructor(space: string | Uint8Array, hash: Hash = portableHash) {
    this.#hash = hash
    this.#preimage.set(typeof space === 'string' ? fromBase64url(space) : space)
    this.#preimage.set(MAGIC, AT.magic)
  }

  of({ pub, epoch, from, prev, entries }: Omit<Segment, 'signature'>): Links {
    this.#preimage.set(pub, AT.pub)
    this.#u48(AT.epoch, epoch)
    this.#preimage.set(prev, AT.prev)
    const rows: Uint8Array[] = []
    const hashes: Uint8Array[] = []
    for (let i = 0; i < entries.length; i++) {
      const { time, ops } = entries[i] as Entry
      const rowsOf = this.rows(ops)
      this.#u48(AT.seq, from + i)
      this.#u48(AT.time, time)
      // phash = sha(row_1 ‖ … ‖ row_k): any one op can be forgotten and leave it as it was
      this.#hash(rowsOf, this.#preimage, AT.phash)
      const hash = new Uint8Array(HASH)
      this.#hash(this.#preimage, hash, 0)
      this.#preimage.set(hash, AT.prev)
      rows.push(rowsOf)
      hashes.push(hash)
    }
    return { hashes, rows }
  }

  /** What `recordIdOf` says, without its detours. `log`: the log id as ASCII; the op is the k-th of `rows`. */
  recordId(log: Uint8Array, n: number, rows: Uint8Array, k: number): RecordId {
    this.#idPreimage.set(log)
    this.#idView.setUint16(ID_AT.n, Math.floor(n / 2 ** 32))
    this.#idView.setUint32(ID_AT.n + 2, n % 2 ** 32)
    for (let i = 0; i < HASH; i++) this.#idPreimage[ID_AT.leaf + i] = rows[k * ROW + 4 + i] as number
    this.#hash(this.#idPreimage, this.#digest, 0)
    return toBase64url(this.#idBytes)
  }

  /** length(4) hash(32) of each op; one that is never forgotten has 2^31 added to its length. */
  rows(ops: readonly OpBytes[]): Uint8Array {
    const rows = new Uint8Array(ops.length * ROW)
    for (let k = 0; k < ops.length; k++) {
      const op = ops[k] as OpBytes
      const isHere = !isForgotten(op)
      const length = isHere && isKept(op) ? op.length + KEPT : op.length
      const at = k * ROW
      for (let i = 0; i < 4; i++) rows[at + i] = length >>> (24 - 8 * i)
      if (isHere) this.#hash(op, rows, at + 4)
      else rows.set(op.leaf, at + 4)
    }
    return rows
  }

  #u48(at: number, value: number): void {
    this.#view.setUint16(at, Math.floor(value / 2 ** 32))
    this.#view.setUint32(at + 2, value % 2 ** 32)
  }
}

/** Hashes of a segment's entries, in order. `space`: the space id's 32 bytes. */
export const chainOf = (space: Uint8Array, segment: Omit<Segment, 'signature'>): readonly Uint8Array[] =>
  new Hasher(space).of(segment).hashes
