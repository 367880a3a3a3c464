/**
 * The codec: messages to msgpack bodies and back. The only door for bytes of other peers; above it nothing is untyped.
 */
import { Packr } from 'msgpackr/pack'
import { Unpackr } from 'msgpackr/unpack'
import { DecodeError } from './errors.ts'
import { checked } from './flaw.ts'
import { scanMsgpack } from './msgpack-scan.ts'
import { MESSAGES, type Message, type MessageType } from './vocabulary.ts'

// `msgpackr/pack` and `/unpack` are its JavaScript; the main entry loads a native string reader, and foreign bytes get
// none.
const packing = { useRecords: false, skipValues: [undefined] }
const packr = new Packr(packing)

/**
 * One Unpackr for all peers. What msgpackr carries from one message to the next (record structures, bundled strings,
 * references) is only ever made by ext types 0x72, 0x62 and 0x69, and its C1 object only by 0xC1; the scan lets none
 * of them through, so there is nothing to carry. `copyBuffers`: a kept field must not keep a whole network chunk alive.
 */
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number', copyBuffers: true })

/** A msgpack body. Fields that are undefined are left out. */
export function encodeMessage(message: Message): Uint8Array {
  return packBody(message)
}

/** A msgpack body of a message of another vocabulary than this one: the gateway's. */
export function packBody(message: object): Uint8Array {
  return plainView(packr.pack(message))
}

/**
 * The message in a body of at most `maxBytes`. Unknown fields fall away, nothing is coerced. Throws DecodeError:
 * `too-large`, `bad-message`, or `unknown-type` for a well-formed message of a type this version does not have.
 */
export function decodeMessage(body: Uint8Array, options: { maxBytes: number }): Message {
  return readMessage(unpackBody(body, options))
}

/** The value in a body, its structure checked and its fields not yet. Throws as {@link decodeMessage}. */
export function unpackBody(body: Uint8Array, { maxBytes }: { maxBytes: number }): unknown {
  if (body.length > maxBytes)
    throw new DecodeError('too-large', `a message may hold ${maxBytes} bytes, not ${body.length}`)
  scanMsgpack(body)
  return unpack(body)
}

/** The message that a decoded value is. Throws DecodeError `bad-message` or `unknown-type`. */
export function readMessage(value: unknown): Message {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || !('type' in value))
    throw new DecodeError('bad-message', 'a message is a map with a type')
  const { type, ...fields } = value
  if (typeof type !== 'string') throw new DecodeError('bad-message', 'the type of a message is text')
  if (!isMessageType(type)) throw new DecodeError('unknown-type', 'a message type this version does not have', type)
  return { type, ...checked<object>(MESSAGES[type], fields, `a ${type}`) } as Message
}

const isMessageType = (type: string): type is MessageType => Object.hasOwn(MESSAGES, type)

function unpack(body: Uint8Array): unknown {
  try {
    return unpackr.unpack(plainView(body))
  } catch (cause) {
    throw new DecodeError('bad-message', 'not a msgpack body of this protocol', undefined, cause)
  }
}

/**
 * The same bytes as a Uint8Array of its own: msgpackr hangs a property on its source, and Buffer is not for browsers.
 */
const plainView = (bytes: Uint8Array) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
