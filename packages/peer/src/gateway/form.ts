/** The two forms a plain client may speak in, by subprotocol: JSON as text, msgpack as bytes. */
import {
  type ClientFields,
  DecodeError,
  packBody,
  parseJsonObject,
  unpackBody,
  utf8,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'

export type Form = 'json' | 'msgpack'

export const FORMS: Readonly<Record<string, Form>> = { 'amp.v1.json': 'json', 'amp.v1.msgpack': 'msgpack' }

/** A client's message, its structure checked. Throws DecodeError `too-large` or `bad-message`. */
export function decodeBody(form: Form, body: Uint8Array): ClientFields {
  if (form === 'json') return parseJsonObject(body, { maxBytes: WIRE_LIMITS.message })
  const value = unpackBody(body, { maxBytes: WIRE_LIMITS.message })
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new DecodeError('bad-message', 'a message is a map')
  return { ...value }
}

/** What is undefined is left out. */
export const encodeBody = (form: Form, message: object): Uint8Array =>
  form === 'json' ? utf8(JSON.stringify(message)) : packBody(message)
