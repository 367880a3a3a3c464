/** What y-websocket clients and rooms say to each other, as bytes. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from 'y-protocols/sync'

const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const QUERY_AWARENESS = 3

export type RoomMessage =
  /** "I have this; what do I lack?" The answer is a `missing`. */
  | { readonly type: 'have'; readonly stateVector: Uint8Array }
  | { readonly type: 'missing' | 'update'; readonly update: Uint8Array }
  | { readonly type: 'presence'; readonly states: Uint8Array }
  | { readonly type: 'who' }
  /** Of no meaning to a room. */
  | { readonly type: 'other' }

/** Throws for what no client sends. */
export function readMessage(bytes: Uint8Array): RoomMessage {
  const decoder = decoding.createDecoder(bytes)
  const kind = decoding.readVarUint(decoder)
  if (kind === AWARENESS) return { type: 'presence', states: decoding.readVarUint8Array(decoder) }
  if (kind === QUERY_AWARENESS) return { type: 'who' }
  if (kind === AUTH) return { type: 'other' }
  if (kind !== SYNC) throw new RangeError(`a message of kind ${kind}`)
  const step = decoding.readVarUint(decoder)
  const body = decoding.readVarUint8Array(decoder)
  if (step === messageYjsSyncStep1) return { type: 'have', stateVector: body }
  if (step === messageYjsSyncStep2) return { type: 'missing', update: body }
  if (step === messageYjsUpdate) return { type: 'update', update: body }
  throw new RangeError(`a sync message of kind ${step}`)
}

export const haveMessage = (stateVector: Uint8Array): Uint8Array => sync(messageYjsSyncStep1, stateVector)
export const missingMessage = (update: Uint8Array): Uint8Array => sync(messageYjsSyncStep2, update)
export const updateMessage = (update: Uint8Array): Uint8Array => sync(messageYjsUpdate, update)

export const presenceMessage = (states: Uint8Array): Uint8Array =>
  encoding.encode(encoder => {
    encoding.writeVarUint(encoder, AWARENESS)
    encoding.writeVarUint8Array(encoder, states)
  })

const sync = (step: number, body: Uint8Array): Uint8Array =>
  encoding.encode(encoder => {
    encoding.writeVarUint(encoder, SYNC)
    encoding.writeVarUint(encoder, step)
    encoding.writeVarUint8Array(encoder, body)
  })
