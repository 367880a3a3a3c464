/** The structural check of a msgpack body before anything is built from it: no decoder sees bytes that fail here. */
import { fromUtf8 } from './bytes.ts'
import { UNSAFE_KEYS } from './canonical-json.ts'
import { DecodeError } from './errors.ts'
import { WIRE_LIMITS } from './limits.ts'

/**
 * Passes a body that is exactly one msgpack value of the JSON kinds and bytes: nesting and number of values bounded,
 * every length inside the body, map keys text, distinct and safe, text valid UTF-8, integers exact as a double. Ext
 * types and 0xC1 do not pass. Wider encodings than needed do: other languages' encoders make them, and no message is
 * signed.
 * Throws DecodeError `bad-message`. Time and memory are linear in the body.
 */
export function scanMsgpack(body: Uint8Array): void {
  const scan = new Scan(body)
  scan.value(0)
  if (scan.at !== body.length) throw bad('bytes after the message')
}

const bad = (note: string) => new DecodeError('bad-message', 'not a msgpack body of this protocol', note)

class Scan {
  at = 0
  readonly #body: Uint8Array
  readonly #view: DataView
  #values = 0

  constructor(body: Uint8Array) {
    this.#body = body
    this.#view = new DataView(body.buffer, body.byteOffset, body.length)
  }

  value(depth: number): void {
    if (++this.#values > WIRE_LIMITS.values) throw bad('too many values')
    const token = this.#uint(1)
    if (token < 0x80 || token >= 0xe0) return
    if (token < 0x90) return this.#map(token & 0x0f, depth)
    if (token < 0xa0) return this.#array(token & 0x0f, depth)
    if (token < 0xc0) return this.#text(token & 0x1f)
    switch (token) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return
      case 0xc4:
      case 0xc5:
      case 0xc6:
        this.#take(this.#uint(2 ** (token - 0xc4)))
        return
      case 0xca:
        this.#take(4) // float 32
        return
      case 0xcb:
        this.#take(8) // float 64
        return
      case 0xcc:
      case 0xcd:
      case 0xce:
        this.#take(2 ** (token - 0xcc)) // uint 8, 16, 32
        return
      case 0xcf:
        return this.#exact(this.#view.getBigUint64(this.#take(8)))
      case 0xd0:
      case 0xd1:
      case 0xd2:
        this.#take(2 ** (token - 0xd0)) // int 8, 16, 32
        return
      case 0xd3:
        return this.#exact(this.#view.getBigInt64(this.#take(8)))
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

  #array(length: number, depth: number): void {
    this.#enter(length, depth)
    for (let i = 0; i < length; i++) this.value(depth + 1)
  }

  #map(length: number, depth: number): void {
    this.#enter(2 * length, depth)
    const keys = new Set<string>()
    for (let i = 0; i < length; i++) {
      const key = this.#key()
      if (UNSAFE_KEYS.has(key)) throw bad('an unsafe key')
      if (keys.has(key)) throw bad('a key twice')
      keys.add(key)
      this.value(depth + 1)
    }
  }

  /** Each value takes a byte or more, so a length beyond the body is a lie and is not even walked. */
  #enter(values: number, depth: number): void {
    if (depth >= WIRE_LIMITS.depth) throw bad('nested too deep')
    if (values > this.#body.length - this.at) throw bad('a length beyond the body')
  }

  #key(): string {
    const token = this.#body[this.at]
    const isText = token !== undefined && ((token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb))
    if (!isText) throw bad('a key that is not text')
    const start = this.at
    this.value(0)
    const header = token < 0xc0 ? 1 : 1 + 2 ** (token - 0xd9)
    return fromUtf8(this.#body.subarray(start + header, this.at))
  }

  #text(length: number): void {
    const start = this.#take(length)
    for (let i = start; i < this.at; i++) {
      if ((this.#body[i] ?? 0) < 0x80) continue
      try {
        fromUtf8(this.#body.subarray(i, this.at))
      } catch {
        throw bad('text that is not UTF-8')
      }
      return
    }
  }

  #exact(integer: bigint): void {
    if (!Number.isSafeInteger(Number(integer))) throw bad('an integer beyond 2^53')
  }

  /** Unsigned big-endian integer of 1, 2 or 4 bytes. */
  #uint(bytes: number): number {
    const start = this.#take(bytes)
    if (bytes === 1) return this.#view.getUint8(start)
    return bytes === 2 ? this.#view.getUint16(start) : this.#view.getUint32(start)
  }

  /** Moves past `length` bytes and returns where they begin. */
  #take(length: number): number {
    const start = this.at
    if (length > this.#body.length - start) throw bad('a length beyond the body')
    this.at = start + length
    return start
  }
}
