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
    const text = fromUtf8(body)
    // a key may hide behind escapes; what has neither is parsed without looking at each key
    const mayBeUnsafe = /__proto__|constructor|prototype|\\u/.test(text)
    value = JSON.parse(text, mayBeUnsafe ? refuseUnsafe : undefined)
  } catch (cause) {
    throw new DecodeError('bad-message', 'the body of a message is JSON in UTF-8', undefined, cause)
  }
  if (!isWithin(value, DEPTH)) throw new DecodeError('bad-message', `a message is nested ${DEPTH} deep at most`)
  return value
}

function refuseUnsafe(key: string, value: Json): Json {
  if (UNSAFE_KEYS.has(key)) throw new DecodeError('bad-message', `${key} is no key of a message`)
  return value
}

function isWithin(value: Json, depth: number): boolean {
  if (value === null || typeof value !== 'object') return true
  return depth > 0 && Object.values(value).every(each => isWithin(each, depth - 1))
}
