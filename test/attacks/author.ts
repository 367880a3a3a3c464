/** Somebody's log in a space, written by hand: every part of a segment can be a lie. */
import { chainOf, type Entry, encodeSegment, type Segment } from '@amp-mesh/context'
import {
  canonicalBytes,
  concat,
  fromBase64url,
  type Identity,
  type LogId,
  logIdOf,
  type Op,
  type RecordId,
  recordIdOf,
  type SpaceId,
  sha256,
  toBase64url,
  u48,
} from '@amp-mesh/protocol'

/** An op, or any bytes in its place. */
export type Written = Op | Uint8Array

const NO_ENTRY = new Uint8Array(32)

export class Author {
  readonly identity: Identity
  readonly log: LogId
  readonly #space: Uint8Array
  readonly #epoch: number
  #next = 0
  #nextOp = 0
  #prev: Uint8Array = NO_ENTRY
  #time = 0

  constructor(space: SpaceId, identity: Identity, epoch = 0) {
    this.identity = identity
    this.#space = fromBase64url(space)
    this.#epoch = epoch
    this.log = logIdOf(space, fromBase64url(identity.publicKey), epoch)
  }

  /** The next entry of the log, signed. */
  write(...ops: Written[]): { segment: Uint8Array; ids: RecordId[] } {
    return this.writeAt(Math.max(Date.now(), this.#time), ...ops)
  }

  writeAt(time: number, ...ops: Written[]): { segment: Uint8Array; ids: RecordId[] } {
    const bytes = ops.map(bytesOf)
    const ids = bytes.map((each, i) => recordIdOf(this.log, this.#nextOp + i, sha256(each)))
    const unsigned = this.#unsigned([{ time, ops: bytes }])
    const hash = this.#hash(unsigned)
    this.#next++
    this.#nextOp += ops.length
    this.#prev = hash
    this.#time = time
    return { segment: encodeSegment({ ...unsigned, signature: this.#sign(hash) }), ids }
  }

  /** The same entry so many times under one signature, however long that is. */
  full(entry: Entry, times: number): { segment: Uint8Array; ids: RecordId[] } {
    const entries = Array.from({ length: times }, () => entry)
    const ops = entries.flatMap(each => each.ops as Uint8Array[])
    const ids = ops.map((op, i) => recordIdOf(this.log, this.#nextOp + i, sha256(op)))
    const unsigned = this.#unsigned(entries)
    const hash = this.#hash(unsigned)
    const parts = entries.map(({ time }) =>
      concat(
        u48(time),
        u32(entry.ops.length).subarray(2),
        ...entry.ops.flatMap(op => [u32(op.length), op as Uint8Array]),
      ),
    )
    const head = encodeSegment({ ...unsigned, entries: [entry], signature: new Uint8Array(64) }).subarray(0, 76)
    this.#next += times
    this.#nextOp += ops.length
    this.#prev = hash
    this.#time = entry.time
    return { segment: concat(head, u32(times).subarray(2), ...parts, this.#sign(hash)), ids }
  }

  /** A segment at the end of the log, any part of it a lie, the signature sound; the log stays as it is. */
  lie(lies: Partial<Omit<Segment, 'signature'>>): Uint8Array {
    const unsigned = { ...this.#unsigned([]), ...lies }
    return encodeSegment({ ...unsigned, signature: this.#sign(this.#hash(unsigned)) })
  }

  /** The same log as it is now, to be continued in another way. */
  twin(): Author {
    return this.signedBy(this.identity)
  }

  /** The same, but whoever signs it from now on is `signer`. */
  signedBy(signer: Identity): Author {
    const twin = new Author(
      toBase64url(this.#space),
      { ...this.identity, sign: bytes => signer.sign(bytes) },
      this.#epoch,
    )
    twin.#next = this.#next
    twin.#nextOp = this.#nextOp
    twin.#prev = this.#prev
    twin.#time = this.#time
    return twin
  }

  /** Hash of the last entry. */
  get hash(): Uint8Array {
    return this.#prev
  }

  /** Sequence of the last entry. */
  get seq(): number {
    return this.#next - 1
  }

  #unsigned(entries: Segment['entries']): Omit<Segment, 'signature'> {
    const pub = fromBase64url(this.identity.publicKey)
    return { pub, epoch: this.#epoch, from: this.#next, prev: this.#prev, entries }
  }

  #hash(unsigned: Omit<Segment, 'signature'>): Uint8Array {
    return chainOf(this.#space, unsigned).at(-1) as Uint8Array
  }

  #sign(hash: Uint8Array): Uint8Array {
    return this.identity.sign(hash) as Uint8Array
  }
}

const u32 = (value: number) => u48(value).subarray(2)

export const bytesOf = (op: Written): Uint8Array => (op instanceof Uint8Array ? op : canonicalBytes(op))
