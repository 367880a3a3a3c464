/**
 * The codec: messages to msgpack bodies and back. The only door for bytes of other peers; above it nothing is untyped.
 */
import * as z from 'zod/mini'
import { DecodeError } from './errors.ts'
import { type ExactCheck, exactCheckOf, isJson } from './exact-check.ts'
import { json } from './field.ts'
import { checked } from './flaw.ts'
import { type MsgpackBounds, readMsgpack } from './msgpack-read.ts'
import { writeMsgpack } from './msgpack-write.ts'
import { MESSAGES, type Message, type MessageType } from './vocabulary.ts'

/** A msgpack body, a view: see {@link writeMsgpack}. Fields that are undefined are left out. */
export function encodeMessage(message: Message): Uint8Array {
  return packBody(message)
}

/** A msgpack body of a message of another vocabulary than this one: the gateway's. */
export function packBody(message: object): Uint8Array {
  return writeMsgpack(message)
}

export interface DecodeOptions extends Partial<MsgpackBounds> {
  /** Bytes of the largest body. */
  maxBytes: number
}

/**
 * The message in a body of at most `maxBytes`. Unknown fields fall away, nothing is coerced. Throws DecodeError:
 * `too-large`, `bad-message`, or `unknown-type` for a well-formed message of a type this version does not have.
 */
export function decodeMessage(body: Uint8Array, options: DecodeOptions): Message {
  return readMessage(unpackBody(body, options))
}

/** The value in a body, its structure checked and its fields not yet. Throws as {@link decodeMessage}. */
export function unpackBody(body: Uint8Array, bounds: DecodeOptions): unknown {
  if (body.length > bounds.maxBytes)
    throw new DecodeError('too-large', `a message may hold ${bounds.maxBytes} bytes, not ${body.length}`)
  return readMsgpack(body, bounds)
}

/** The message that a decoded value is. Throws DecodeError `bad-message` or `unknown-type`. */
export function readMessage(value: unknown): Message {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || !('type' in value))
    throw new DecodeError('bad-message', 'a message is a map with a type')
  const { type } = value
  if (typeof type !== 'string') throw new DecodeError('bad-message', 'the type of a message is text')
  const isExact = EXACT.get(type)
  if (isExact === undefined) throw new DecodeError('unknown-type', 'a message type this version does not have', type)
  if (isExact(value)) return value as Message
  const { type: _, ...fields } = value
  return { type, ...checked<object>(MESSAGES[type as MessageType], fields, `a ${type}`) } as Message
}

/** By type: whether a message can be taken as it is, with nothing wrong and nothing to fall away. */
const EXACT: ReadonlyMap<string, ExactCheck> = new Map(
  Object.entries(MESSAGES).map(([type, schema]) => {
    const whole = z.extend(schema as z.ZodMiniObject, { type: z.literal(type) })
    return [type, exactCheckOf(whole, json, isJson)]
  }),
)
