/** Canonical JSON (RFC 8785): one value, one byte string. What is hashed or signed is written in it. */
import canonicalize from 'canonicalize'
import { fromUtf8, utf8 } from './bytes.ts'
import { DecodeError } from './errors.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Keys that would reach an object's prototype somewhere; refused wherever foreign keys are read. */
export const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Throws DecodeError on what is not JSON. */
export const canonicalBytes = (value: unknown): Uint8Array => utf8(canonicalText(value))

/** Equal for equal values. Throws DecodeError on what is not JSON: functions, NaN, lone surrogates … */
export function canonicalText(value: unknown): string {
  let text: string | undefined
  try {
    text = canonicalize(value)
  } catch {}
  if (text === undefined) throw new DecodeError('bad-message', 'not a JSON value')
  return text
}

/** Parses bytes that must be canonical: UTF-8, and equal to RFC 8785 of their own parse. Throws DecodeError. */
export function parseCanonical(bytes: Uint8Array): Json {
  let text: string
  try {
    text = fromUtf8(bytes)
  } catch (cause) {
    throw new DecodeError('bad-message', 'not UTF-8', undefined, cause)
  }
  try {
    const value = JSON.parse(text) as Json
    if (isCanonical(value, text)) return value
  } catch (cause) {
    throw new DecodeError('bad-message', 'not JSON', undefined, cause)
  }
  throw new DecodeError('bad-message', 'not canonical JSON (RFC 8785)')
}

/**
 * JSON.stringify, the engine's own, writes RFC 8785 where keys stand in order and no string has half a character
 * (`\ud83d` without its other half, which RFC 8785 refuses). Everything else goes the long way.
 */
function isCanonical(value: Json, text: string): boolean {
  const isPlain = !text.includes('\\ud') && hasOrderedKeys(value)
  return (isPlain ? JSON.stringify(value) : canonicalize(value)) === text
}

/** By UTF-16 code units, as RFC 8785 asks; an object whose keys look like numbers may not be able to. */
function hasOrderedKeys(value: Json): boolean {
  if (value === null || typeof value !== 'object') return true
  if (Array.isArray(value)) return value.every(hasOrderedKeys)
  let before = ''
  for (const key in value) {
    if (key < before || !hasOrderedKeys(value[key] as Json)) return false
    before = key
  }
  return true
}
