/** What a plain client said: a record to be written, or something it asks of the peer. */
import {
  type ClientFields,
  type ClientRecord,
  type ClientRequest,
  DecodeError,
  type Fill,
  type Kind,
  RECORDS,
  readClientRecord,
  readRequest,
} from '@amp-mesh/protocol'

export type Said = ClientRecord | ClientRequest

/** Throws DecodeError `bad-message`, or `unknown-type` for what plain clients do not say. */
export function readSaid(fields: ClientFields, fill: Fill): Said {
  const { type } = fields
  if (typeof type !== 'string') throw new DecodeError('bad-message', 'a message has a type, in words')
  const request = readRequest(type, fields, fill)
  if (request !== undefined) return request
  if (!isRecord(type))
    throw new DecodeError('unknown-type', `"${type.slice(0, 64)}" is no type of the gateway; see PROTOCOL.md`)
  // "I have nothing to add": what has been seen by now the gateway knows
  const heads = type === 'settle' ? { heads: [] } : {}
  return readClientRecord(type, { ...heads, ...fields }, fill)
}

const isRecord = (type: string): type is Kind => Object.hasOwn(RECORDS, type)
