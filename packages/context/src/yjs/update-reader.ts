/** Bytes as Yjs and lib0 write them, read with every bound checked before memory is taken. */
import { DecodeError, type Json, UNSAFE_KEYS } from '@amp-mesh/protocol'
import type { AnyValue, StructId } from './update.ts'

const KEY_LENGTH = 256
const STRING_LENGTH = 16_384
const OBJECT_KEYS = 256
/** Nesting of a value; above it readers' recursion is at risk (CONTEXT.md F22). */
const VALUE_DEPTH = 8

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class UpdateReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #longest: number
  #at = 0

  /** `longest`: UTF-16 units of a string. */
  constructor(bytes: Uint8Array, longest = STRING_LENGTH) {
    this.#longest = longest
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw bad('it ends too early')
    return byte
  }

  /** An integer of at most 2^53 − 1 and `max`. */
  integer(max = Number.MAX_SAFE_INTEGER): number {
    let value = 0
    for (let shift = 1, i = 0; i < 8; i++, shift *= 128) {
      const byte = this.byte()
      value += (byte & 127) * shift
      if (byte >= 128) continue
      if (value > max) break
      return value
    }
    throw bad('a number is too large')
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    if (length > this.left) throw bad('it ends too early')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** A copy of bytes behind their length. */
  buffer(): Uint8Array {
    return this.take(this.integer()).slice()
  }

  string(max = this.#longest): string {
    const bytes = this.take(this.integer(4 * max))
    let text: string
    try {
      text = utf8.decode(bytes)
    } catch {
      throw bad('a string is not UTF-8')
    }
    if (text.length > max) throw bad('a string is too long')
    return text
  }

  /** A key that is safe in any object. */
  key(): string {
    const key = this.string(KEY_LENGTH)
    if (UNSAFE_KEYS.has(key)) throw bad('an unsafe key')
    return key
  }

  id(): StructId {
    return { client: this.integer(), clock: this.integer() }
  }

  /** A value written as JSON text. */
  json(): Json {
    let value: Json
    try {
      value = JSON.parse(this.string())
    } catch (error) {
      if (error instanceof DecodeError) throw error
      throw bad('not JSON')
    }
    if (!isSafe(value, VALUE_DEPTH)) throw bad('a value with an unsafe key, or too deep')
    return value
  }

  /** A value as lib0's `writeAny` writes it. */
  any(depth = VALUE_DEPTH): AnyValue {
    if (depth === 0) throw bad('a value is too deep')
    const tag = this.byte()
    switch (tag) {
      case 127:
        return undefined
      case 126:
        return null
      case 125:
        return this.#signed()
      case 124:
        return this.#finite(this.#view.getFloat32(this.#skip(4)))
      case 123:
        return this.#finite(this.#view.getFloat64(this.#skip(8)))
      case 121:
        return false
      case 120:
        return true
      case 119:
        return this.string()
      case 118:
        return this.#object(depth)
      case 117:
        return Array.from({ length: this.integer(this.left) }, () => this.any(depth - 1))
      case 116:
        return this.buffer()
      default:
        throw bad(`a value of unknown type ${tag}`)
    }
  }

  #object(depth: number): AnyValue {
    const object: Record<string, AnyValue> = {}
    for (let keys = this.integer(OBJECT_KEYS); keys > 0; keys--) {
      const key = this.key()
      object[key] = this.any(depth - 1)
    }
    return object
  }

  /** lib0's signed integers: 6 bits and the sign in the first byte, 7 in the others. */
  #signed(): number {
    let byte = this.byte()
    const sign = (byte & 64) === 0 ? 1 : -1
    let value = byte & 63
    for (let shift = 64, i = 0; byte >= 128; i++, shift *= 128) {
      if (i === 7) throw bad('a number is too large')
      byte = this.byte()
      value += (byte & 127) * shift
    }
    if (value > Number.MAX_SAFE_INTEGER) throw bad('a number is too large')
    return sign * value
  }

  #skip(length: number): number {
    this.take(length)
    return this.#at - length
  }

  #finite(value: number): number {
    if (!Number.isFinite(value)) throw bad('a number that is none')
    return value
  }
}

export const bad = (why: string): DecodeError => new DecodeError('bad-message', 'not an update we can read', why)

function isSafe(value: Json, depth: number): boolean {
  if (value === null || typeof value !== 'object') return true
  if (depth === 0) return false
  return Object.entries(value).every(([key, item]) => !UNSAFE_KEYS.has(key) && isSafe(item, depth - 1))
}
