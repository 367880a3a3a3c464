/** Segments, the only unit on wire and disk and in proofs: entries of one log under one signature. CONTEXT.md §3. */
import {
  AmpError,
  concat,
  DecodeError,
  equalBytes,
  LEDGER_LIMITS,
  type LogId,
  logIdOf,
  type SpaceId,
  u48,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'

/** An op whose bytes were forgotten: their number and hash are left, which keep chain, bounds and ids valid. */
export interface Forgotten {
  readonly length: number
  readonly leaf: Uint8Array
}
export type OpBytes = Uint8Array | Forgotten

/** One signed append: what it says, and when by its author's clock (ms since the epoch). */
export interface Entry {
  readonly time: number
  readonly ops: readonly OpBytes[]
}

/** 1 to 256 entries of the log (pub, epoch), from sequence `from` on. `prev`: hash of the entry before. */
export interface Segment {
  readonly pub: Uint8Array
  readonly epoch: number
  readonly from: number
  readonly prev: Uint8Array
  readonly entries: readonly Entry[]
  /** Ed25519 over the hash of the last entry; the chain covers the rest. */
  readonly signature: Uint8Array
}

/** What stands before the first entry of a log. */
export const NO_ENTRY: Uint8Array = new Uint8Array(32)

/** Bytes before and behind the entries. */
export const SEGMENT_HEAD: number = 32 + 6 + 6 + 32 + 2
export const SIGNATURE = 64
/** Time and number of ops. */
const ENTRY_HEAD = 6 + 2
const COUNT_AT = SEGMENT_HEAD - 2
const FORGOTTEN = 0xffffffff
const FORGOTTEN_LENGTH = 4 + 4 + 32

/**
 * pub(32) epoch(6) from(6) prev(32) n(2) ·
 * n × { time(6) nops(2) · nops × { len(4) op | FFFFFFFF len(4) leaf(32) } } · signature(64)
 */
export function encodeSegment(segment: Segment): Uint8Array {
  const { entries } = segment
  if (entries.length === 0 || entries.length > LEDGER_LIMITS.entriesPerSegment || isTooLong(entries))
    throw new AmpError('bad-input', 'a segment has 1 to 256 entries and at most 1 MiB')
  const parts = [segment.pub, u48(segment.epoch), u48(segment.from), segment.prev, u16(entries.length)]
  for (const { time, ops } of entries) {
    parts.push(u48(time), u16(ops.length))
    for (const op of ops)
      parts.push(...(isForgotten(op) ? [u32(FORGOTTEN), u32(op.length), op.leaf] : [u32(op.length), op]))
  }
  return concat(...parts, segment.signature)
}

/** Throws DecodeError `bad-segment`: every byte must be accounted for. The result shares memory with `bytes`. */
export function decodeSegment(bytes: Uint8Array): Segment {
  if (bytes.length > WIRE_LIMITS.segment) throw bad('longer than 1 MiB')
  if (bytes.length < SEGMENT_HEAD + SIGNATURE) throw bad('too short')
  const end = bytes.length - SIGNATURE
  const reader = new Reader(bytes.subarray(0, end))
  const [pub, epoch, from, prev, count] = [reader.take(32), reader.u48(), reader.u48(), reader.take(32), reader.u16()]
  if (count === 0 || count > LEDGER_LIMITS.entriesPerSegment) throw bad('number of entries')
  if ((from === 0) !== equalBytes(prev, NO_ENTRY)) throw bad('only the first entry has no predecessor')
  const entries: Entry[] = []
  for (let i = 0; i < count; i++) entries.push(readEntry(reader))
  if (reader.at !== end) throw bad('trailing bytes')
  if (isTooLong(entries)) throw bad('longer than 1 MiB once it is forgotten')
  return { pub, epoch, from, prev, entries, signature: bytes.subarray(end) }
}

/** Sequences of the first and last entry of a segment that was decoded before. */
export function rangeOf(bytes: Uint8Array): { readonly from: number; readonly to: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const from = view.getUint16(38) * 2 ** 32 + view.getUint32(40)
  return { from, to: from + view.getUint16(COUNT_AT) - 1 }
}

/** Bytes that a segment which was decoded before can have, whatever of it is forgotten. */
export function roomIn(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let room = SEGMENT_HEAD + SIGNATURE
  for (let at = SEGMENT_HEAD; at < bytes.length - SIGNATURE; ) {
    room += ENTRY_HEAD
    let ops = view.getUint16(at + 6)
    for (at += ENTRY_HEAD; ops > 0; ops--) {
      const length = view.getUint32(at)
      const isHere = length !== FORGOTTEN
      room += roomOf(isHere ? length : view.getUint32(at + 4))
      at += isHere ? 4 + length : FORGOTTEN_LENGTH
    }
  }
  return room
}

/** The log a segment claims to be of. Throws RangeError on bytes that are too short for one. */
export function logIdOfSegment(space: SpaceId, bytes: Uint8Array): LogId {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return logIdOf(space, bytes.subarray(0, 32), view.getUint16(32) * 2 ** 32 + view.getUint32(34))
}

/** The head of a segment with another number of entries in it. */
export const withCount = (head: Uint8Array, count: number): Uint8Array => concat(head.subarray(0, COUNT_AT), u16(count))

/** The segment without the entries before `from`. `hashes`: of its entries. */
export const tailOf = (segment: Segment, from: number, hashes: readonly Uint8Array[]): Uint8Array =>
  encodeSegment({
    ...segment,
    from,
    prev: from === segment.from ? segment.prev : (hashes[from - segment.from - 1] as Uint8Array),
    entries: segment.entries.slice(from - segment.from),
  })

/** True when the time of one of the entries is before that of its predecessor; `since`: the time before the first. */
export const fallsBack = (entries: readonly Entry[], since: number): boolean =>
  entries.some((entry, i) => entry.time < (entries[i - 1]?.time ?? since))

export const isForgotten = (op: OpBytes): op is Forgotten => !(op instanceof Uint8Array)

/** Bytes of an entry's ops with their length prefixes, here or forgotten: what the genesis' `entry` bounds. */
export const opsLength = (entry: Entry): number => entry.ops.reduce((sum, { length }) => sum + 4 + length, 0)

/** What an op counts of a segment's bytes: as many as it can have there, whether it is forgotten or not. */
const roomOf = (length: number): number => Math.max(4 + length, FORGOTTEN_LENGTH)

/** Bytes an entry can have within a segment. */
export const entryLength = ({ ops }: Entry): number => ops.reduce((sum, { length }) => sum + roomOf(length), ENTRY_HEAD)

/** Also once all its ops are forgotten a segment has to fit: else forgetting could make one that nobody may send. */
const isTooLong = (entries: readonly Entry[]): boolean =>
  entries.reduce((sum, entry) => sum + entryLength(entry), SEGMENT_HEAD + SIGNATURE) > WIRE_LIMITS.segment

/** What an op costs of its log's quota beside its bytes. */
export const OP_COST = 12

/** What entries cost of their log's quota. */
export function costOf(entries: readonly Pick<Entry, 'ops'>[]): number {
  let sum = 0
  for (const { ops } of entries) for (const { length } of ops) sum += OP_COST + length
  return sum
}

function readEntry(reader: Reader): Entry {
  const time = reader.u48()
  const count = reader.u16()
  if (count === 0) throw bad('an entry without ops')
  // before anything is allocated: each op takes at least its length prefix
  if (count * 4 > reader.left) throw bad('truncated')
  const ops: OpBytes[] = []
  for (let k = 0; k < count; k++) ops.push(readOpBytes(reader))
  return { time, ops }
}

function readOpBytes(reader: Reader): OpBytes {
  const length = reader.u32()
  return length === FORGOTTEN ? { length: reader.u32(), leaf: reader.take(32) } : reader.take(length)
}

class Reader {
  at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.at
  }

  take(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  u16(): number {
    const at = this.#advance(2)
    return (this.#bytes[at] as number) * 256 + (this.#bytes[at + 1] as number)
  }

  u32(): number {
    return this.u16() * 2 ** 16 + this.u16()
  }

  u48(): number {
    return this.u16() * 2 ** 32 + this.u32()
  }

  #advance(length: number): number {
    if (length > this.left) throw bad('truncated')
    this.at += length
    return this.at - length
  }
}

const bad = (note: string) => new DecodeError('bad-segment', 'not a segment of a log', note)
const u16 = (value: number) => Uint8Array.of(value >>> 8, value)
const u32 = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
