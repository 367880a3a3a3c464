/**
 * A quick yes to rule R10, by a look at an op's bytes: nearly every op is plainly one JSON object in canonical form,
 * within the limits of its space. A look costs a fraction of parsing an op, walking through it and writing it again.
 */
import { type SpaceLimits, UNSAFE_KEYS, utf8 } from '@amp-mesh/protocol'

/**
 * True only for what `readRecordOp` finds canonical and within the limits, provided that it is UTF-8. False says
 * nothing: what is rare (exponents, numbered escapes, keys beyond ASCII, texts long only in bytes …) is left to it.
 */
export const isPlainOp = (bytes: Uint8Array, limits: SpaceLimits): boolean =>
  bytes[0] === BRACE && afterObject(bytes, 0, limits, limits.depth) === bytes.length

const NOT_PLAIN = -1

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const BRACKET = 0x5b
const BACKSLASH = 0x5c
const BRACKET_END = 0x5d
const BRACE = 0x7b
const BRACE_END = 0x7d

/** Index behind the value that begins at `at`, like all that follow; NOT_PLAIN if there is none. */
function afterValue(bytes: Uint8Array, at: number, limits: SpaceLimits, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return afterString(bytes, at, limits)
    case BRACE:
      return afterObject(bytes, at, limits, depth)
    case BRACKET:
      return afterArray(bytes, at, limits, depth)
    case TRUE[0]:
      return afterWord(bytes, at, TRUE)
    case FALSE[0]:
      return afterWord(bytes, at, FALSE)
    case NULL[0]:
      return afterWord(bytes, at, NULL)
    default:
      return afterNumber(bytes, at)
  }
}

function afterObject(bytes: Uint8Array, start: number, limits: SpaceLimits, depth: number): number {
  if (depth === 0) return NOT_PLAIN
  let at = start + 1
  if (bytes[at] === BRACE_END) return at + 1
  let before = NOT_PLAIN
  for (let keys = 1; keys <= limits.keys; keys++) {
    const colon = afterKey(bytes, at, limits)
    if (bytes[colon] !== COLON || (before !== NOT_PLAIN && !isOrdered(bytes, before, at))) return NOT_PLAIN
    const end = afterValue(bytes, colon + 1, limits, depth - 1)
    if (bytes[end] === BRACE_END) return end + 1
    if (bytes[end] !== COMMA) return NOT_PLAIN
    before = at
    at = end + 1
  }
  return NOT_PLAIN
}

function afterArray(bytes: Uint8Array, start: number, limits: SpaceLimits, depth: number): number {
  if (depth === 0) return NOT_PLAIN
  let at = start + 1
  if (bytes[at] === BRACKET_END) return at + 1
  for (let items = 1; items <= limits.array; items++) {
    const end = afterValue(bytes, at, limits, depth - 1)
    if (bytes[end] === BRACKET_END) return end + 1
    if (bytes[end] !== COMMA) return NOT_PLAIN
    at = end + 1
  }
  return NOT_PLAIN
}

/** Of characters that stand behind the quote in ASCII, so that the end of a key comes before whatever goes on. */
function afterKey(bytes: Uint8Array, start: number, limits: SpaceLimits): number {
  if (bytes[start] !== QUOTE) return NOT_PLAIN
  let at = start + 1
  for (let c = bytes[at]; c !== QUOTE; c = bytes[++at])
    if (c === undefined || c < QUOTE || c === BACKSLASH || c > 0x7e) return NOT_PLAIN
  const length = at - start - 1
  return length <= limits.string && !UNSAFE_LENGTHS.has(length) ? at + 1 : NOT_PLAIN
}

const UNSAFE_LENGTHS: ReadonlySet<number> = new Set([...UNSAFE_KEYS].map(({ length }) => length))

/** Whether of two keys the one at `a` is the lesser. */
function isOrdered(bytes: Uint8Array, a: number, b: number): boolean {
  let i = 1
  while (bytes[a + i] === bytes[b + i] && bytes[a + i] !== QUOTE) i++
  return (bytes[a + i] as number) < (bytes[b + i] as number)
}

/** Every unit of a text takes a byte at least: what is short enough in bytes is short enough. */
function afterString(bytes: Uint8Array, start: number, limits: SpaceLimits): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const c = bytes[at] as number
    if (c === QUOTE) return at - start - 1 <= limits.string ? at + 1 : NOT_PLAIN
    if (c < 0x20) return NOT_PLAIN
    if (c === BACKSLASH && !ESCAPED.has(bytes[++at])) return NOT_PLAIN
  }
  return NOT_PLAIN
}

/** What RFC 8785 writes with a letter; it has one form for each character. */
const ESCAPED: ReadonlySet<number | undefined> = new Set([...'"\\bfnrt'].map(c => c.charCodeAt(0)))

/** Any number of at most 15 digits is the shortest text of its double; up to the sixth decimal it needs no exponent. */
function afterNumber(bytes: Uint8Array, start: number): number {
  const first = bytes[start] === MINUS ? start + 1 : start
  const end = afterDigits(bytes, first)
  const digits = end - first
  if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) return NOT_PLAIN
  if (bytes[end] !== POINT) return digits <= 15 && (first === start || bytes[first] !== ZERO) ? end : NOT_PLAIN
  const last = afterDigits(bytes, end + 1)
  const decimals = last - end - 1
  return decimals > 0 && decimals <= 6 && digits + decimals <= 15 && bytes[last - 1] !== ZERO ? last : NOT_PLAIN
}

function afterDigits(bytes: Uint8Array, start: number): number {
  let at = start
  for (let c = bytes[at]; c !== undefined && c >= ZERO && c <= NINE; c = bytes[++at]);
  return at
}

const [TRUE, FALSE, NULL] = [utf8('true'), utf8('false'), utf8('null')]

function afterWord(bytes: Uint8Array, start: number, word: Uint8Array): number {
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return NOT_PLAIN
  return start + word.length
}
