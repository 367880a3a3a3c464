/** A msgpack body as a value, read strictly and in one pass: what is built is built of bytes that were checked. */
import { fromUtf8 } from './bytes.ts'
import { UNSAFE_KEYS } from './canonical-json.ts'
import { DecodeError } from './errors.ts'
import { WIRE_LIMITS } from './limits.ts'

/** JSON, and bytes beside it. */
export type Packed = null | boolean | number | string | Uint8Array | Packed[] | { [key: string]: Packed }

/** Nesting, and values and keys together. Default: those of WIRE_LIMITS. */
export interface MsgpackBounds {
  depth: number
  values: number
}

/**
 * Takes a body that is exactly one msgpack value of the JSON kinds and bytes: nesting and number of values bounded,
 * every length inside the body, map keys text, distinct and safe, text valid UTF-8, integers exact as a double. Ext
 * types and 0xC1 are refused. Wider encodings than needed are not: other languages' encoders make them, and no message
 * is signed. Byte strings are copied out: a field that is kept must not keep a whole network chunk alive.
 * Throws DecodeError `bad-message`. Time and memory are linear in the body.
 */
export function readMsgpack(body: Uint8Array, bounds: Partial<MsgpackBounds> = WIRE_LIMITS): Packed {
  const reader = new Reader(body, bounds)
  const value = reader.value(0)
  if (reader.at !== body.length) throw bad('bytes after the message')
  return value
}

const bad = (note: string, cause?: unknown) =>
  new DecodeError('bad-message', 'not a msgpack body of this protocol', note, cause)

/** Up to this many bytes a text is made of its characters at once; for longer ones the platform's decoder is faster. */
const SHORT = 40
/** Room for the characters of so many bytes. */
const rows = Array.from({ length: SHORT + 1 }, (_, length) => new Array<number>(length).fill(0))
/** Safe keys of ASCII seen lately: messages have few, and a string that has been a key before is one quickly again. */
const knownKeys = new Array<string>(256).fill('')

/** For a number, whose bytes stand anywhere in a body. */
const seen = new DataView(new ArrayBuffer(8))

class Reader {
  at = 0
  readonly #body: Uint8Array
  readonly #depth: number
  /** Values and keys that may still come. */
  #left: number

  constructor(body: Uint8Array, { depth = WIRE_LIMITS.depth, values = WIRE_LIMITS.values }: Partial<MsgpackBounds>) {
    this.#body = body
    this.#depth = depth
    this.#left = values
  }

  value(depth: number): Packed {
    this.#count()
    const token = this.#byte()
    if (token < 0x80) return token
    if (token < 0x90) return this.#map(token & 0x0f, depth)
    if (token < 0xa0) return this.#array(token & 0x0f, depth)
    if (token < 0xc0) return this.#text(token & 0x1f)
    if (token >= 0xe0) return token - 0x100
    switch (token) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#bytes(this.#uint(2 ** (token - 0xc4)))
      case 0xca:
        return this.#seen(4).getFloat32(0)
      case 0xcb:
        return this.#seen(8).getFloat64(0)
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#uint(2 ** (token - 0xcc))
      case 0xcf:
        return exact(this.#uint(4) * 2 ** 32 + this.#uint(4))
      case 0xd0:
        return this.#seen(1).getInt8(0)
      case 0xd1:
        return this.#seen(2).getInt16(0)
      case 0xd2:
        return this.#seen(4).getInt32(0)
      case 0xd3:
        return exact(this.#seen(4).getInt32(0) * 2 ** 32 + this.#uint(4))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#uint(2 ** (token - 0xd9)))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(2 ** (token - 0xdb)), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(2 ** (token - 0xdd)), depth)
      default:
        throw bad(`type byte 0x${token.toString(16)}`) // 0xc1, never used, and the ext types
    }
  }

  #array(length: number, depth: number): Packed[] {
    this.#enter(length, depth)
    const array: Packed[] = []
    for (let i = 0; i < length; i++) array.push(this.value(depth + 1))
    return array
  }

  #map(length: number, depth: number): { [key: string]: Packed } {
    this.#enter(2 * length, depth)
    const map: { [key: string]: Packed } = {}
    for (let i = 0; i < length; i++) {
      const key = this.#key()
      if (Object.hasOwn(map, key)) throw bad('a key twice')
      map[key] = this.value(depth + 1)
    }
    return map
  }

  /** Each value takes a byte or more, so a length beyond the body is a lie and is not even walked. */
  #enter(values: number, depth: number): void {
    if (depth >= this.#depth) throw bad('nested too deep')
    if (values > this.#body.length - this.at) throw bad('a length beyond the body')
  }

  #count(): void {
    if (--this.#left < 0) throw bad('too many values')
  }

  #key(): string {
    this.#count()
    const token = this.#byte()
    if (token >= 0xa0 && token < 0xc0) return this.#keyText(token & 0x1f)
    if (token >= 0xd9 && token <= 0xdb) return this.#keyText(this.#uint(2 ** (token - 0xd9)))
    throw bad('a key that is not text')
  }

  #keyText(length: number): string {
    const start = this.at
    const slot = (31 * length + 7 * (this.#body[start] ?? 0) + (this.#body[start + length - 1] ?? 0)) % knownKeys.length
    const known = knownKeys[slot] as string
    if (length > 0 && known.length === length && this.#reads(known)) return known
    const key = this.#text(length)
    if (UNSAFE_KEYS.has(key)) throw bad('an unsafe key')
    if (key.length === length && length <= SHORT) knownKeys[slot] = key // as many characters as bytes: it is ASCII
    return key
  }

  /** Moves past `ascii` if that is what comes. */
  #reads(ascii: string): boolean {
    for (let i = 0; i < ascii.length; i++) if (this.#body[this.at + i] !== ascii.charCodeAt(i)) return false
    this.at += ascii.length
    return true
  }

  #text(length: number): string {
    const start = this.#take(length)
    const row = rows[length]
    if (row === undefined) return this.#longText(start)
    const body = this.#body
    for (let i = 0; i < length; i++) {
      const byte = body[start + i] as number
      if (byte >= 0x80) return this.#longText(start)
      row[i] = byte
    }
    return String.fromCharCode.apply(undefined, row)
  }

  #longText(start: number): string {
    try {
      return fromUtf8(this.#body.subarray(start, this.at))
    } catch (cause) {
      throw bad('text that is not UTF-8', cause)
    }
  }

  #bytes(length: number): Uint8Array {
    const start = this.#take(length)
    return new Uint8Array(this.#body.subarray(start, this.at)) // slice() of a Buffer would be a view
  }

  /** Unsigned big-endian integer of 1, 2 or 4 bytes. */
  #uint(bytes: number): number {
    const start = this.#take(bytes)
    let value = 0
    for (let i = start; i < start + bytes; i++) value = value * 256 + (this.#body[i] as number)
    return value
  }

  #byte(): number {
    const byte = this.#body[this.at]
    if (byte === undefined) throw bad('a length beyond the body')
    this.at++
    return byte
  }

  /** Moves past `length` bytes and returns where they begin. */
  #take(length: number): number {
    const start = this.at
    if (length > this.#body.length - start) throw bad('a length beyond the body')
    this.at = start + length
    return start
  }

  /** Moves past `length` bytes and returns what reads them. */
  #seen(length: number): DataView {
    const start = this.#take(length)
    for (let i = 0; i < length; i++) seen.setUint8(i, this.#body[start + i] as number)
    return seen
  }
}

function exact(integer: number): number {
  if (!Number.isSafeInteger(integer)) throw bad('an integer beyond 2^53')
  return integer
}
