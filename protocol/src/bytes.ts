/** Byte strings: base64url, UTF-8, concatenation and equality, the same in Node and browsers. */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { base64url } from 'multiformats/bases/base64'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Writes the SHA-256 of `bytes`, 32 bytes, into `into` at `at`: what is hashed by the million needs no array of its
 * own.
 * A runtime may have a faster one than {@link portableHash}.
 */
export type Hash = (bytes: Uint8Array, into: Uint8Array, at: number) => void

export const portableHash: Hash = (bytes, into, at) => into.set(nobleSha256(bytes), at)

/** SHA-256 of `bytes` by `hash`, in an array of its own. */
export function digestOf(bytes: Uint8Array, hash: Hash): Uint8Array {
  const digest = new Uint8Array(32)
  hash(bytes, digest, 0)
  return digest
}

/** SHA-256 of the parts, as if they stood in one piece. 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  return nobleSha256(parts.length === 1 && parts[0] !== undefined ? parts[0] : concat(...parts))
}

/** SHA-256 of what comes piece by piece; `digest` ends it. */
export interface Hasher {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

export const sha256Hasher = (): Hasher => nobleSha256.create()

export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** Throws a TypeError on bytes that are not UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

/** base64url without padding (RFC 4648 §5). Ids are made of it by the million. */
export function toBase64url(bytes: Uint8Array): string {
  const { length } = bytes
  if (length > SHORT) return base64url.baseEncode(bytes)
  const characters = rows[length] as number[]
  let size = 0
  for (let i = 0; i < length; i += 3) {
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    characters[size++] = ALPHABET[bits >>> 18] as number
    characters[size++] = ALPHABET[(bits >>> 12) & 63] as number
    if (i + 1 < length) characters[size++] = ALPHABET[(bits >>> 6) & 63] as number
    if (i + 2 < length) characters[size++] = ALPHABET[bits & 63] as number
  }
  return String.fromCharCode.apply(undefined, characters)
}

const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map(c => c.charCodeAt(0))
/** Up to this many bytes a text is made at once. */
const SHORT = 96
/** Room for the characters of so many bytes. */
const rows = Array.from({ length: SHORT + 1 }, (_, length) => new Array<number>(Math.ceil((length * 4) / 3)).fill(0))

/** Throws on all but the one text of some bytes: characters outside the alphabet, padding, bits left over. */
export function fromBase64url(text: string): Uint8Array {
  if (text.includes('=')) throw new SyntaxError('base64url without padding')
  return base64url.baseDecode(text)
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
