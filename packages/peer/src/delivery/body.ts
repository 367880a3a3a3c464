/** Bodies of messages between agents: JSON in UTF-8, read with bounds. */
import { AmpError, DecodeError, fromUtf8, type Json, UNSAFE_KEYS, utf8, WIRE_LIMITS } from '@amp-mesh/protocol'

/** Nesting of a body: enough for documents, and whoever walks it may recurse. */
const DEPTH = 64

/** Throws `bad-input` or `too-large`. */
export function encodeBody(value: Json): Uint8Array {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new AmpError('bad-input', 'a message is a JSON value')
  const body = utf8(text)
  if (body.length > WIRE_LIMITS.letterBody)
    throw new AmpError(
      'too-large',
      `a message holds ${WIRE_LIMITS.letterBody} bytes of JSON, not ${body.length}: share it as an artifact`,
    )
  return body
}

/** Throws DecodeError `bad-message`. */
export function readBody(body: Uint8Array): Json {
  let value: Json
  try {
    value = JSON.parse(fromUtf8(body))
  } catch (cause) {
    throw new DecodeError('bad-message', 'the body of a message is JSON in UTF-8', undefined, cause)
  }
  check(value, DEPTH)
  return value
}

/** JSON.parse makes `__proto__` a key like any other: it is seen here, and has done nothing yet. */
function check(value: Json, depth: number): void {
  if (value === null || typeof value !== 'object') return
  if (depth === 0) throw new DecodeError('bad-message', `a message is nested ${DEPTH} deep at most`)
  if (Array.isArray(value)) for (const each of value) check(each, depth - 1)
  else
    for (const key in value) {
      if (UNSAFE_KEYS.has(key)) throw new DecodeError('bad-message', `${key} is no key of a message`)
      check(value[key] as Json, depth - 1)
    }
}
