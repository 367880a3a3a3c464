/** The codec: golden vectors of every message type, and the proof that nothing is carried from one body to the next. */
import { DecodeError, decodeMessage, encodeMessage, MESSAGES, type Message, WIRE_LIMITS } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { bytesOf, codeOf, fromHex, type Input, readVectors, toHex } from './vectors.ts'

interface MessageVectors {
  accept: (Input & { value: Message; minimal: boolean })[]
  reject: (Input & { code: string; maxBytes?: number })[]
}
const vectors = readVectors<MessageVectors>('messages.json')
const options = { maxBytes: WIRE_LIMITS.message }

describe('the msgpack codec', () => {
  it.each(vectors.accept)('reads: $description', vector => {
    const body = bytesOf(vector)
    expect(decodeMessage(body, options)).toEqual(vector.value)
    const encoded = encodeMessage(vector.value)
    expect(decodeMessage(encoded, options)).toEqual(vector.value)
    if (vector.minimal) expect(toHex(encoded)).toBe(vector.hex)
  })

  it.each(vectors.reject)('[G4.codec] refuses: $description', vector => {
    const body = bytesOf(vector)
    expect(codeOf(() => decodeMessage(body, { ...options, ...vector }), DecodeError)).toBe(vector.code)
  })

  it('has a vector for every message type', () => {
    const seen = new Set(vectors.accept.map(vector => vector.value.type))
    expect([...seen].sort()).toEqual(Object.keys(MESSAGES).sort())
  })

  it('leaves undefined fields out, also inside', () => {
    const head = { pub: 'A'.repeat(43), epoch: 0, seq: 1, hash: 'A'.repeat(22) }
    const space = 'Q'.repeat(43)
    const message = { type: 'heads', space, heads: [{ ...head, fork: undefined }], full: true }
    const plain = encodeMessage({ type: 'heads', space, heads: [head], full: true })
    expect(toHex(encodeMessage(message as Message))).toBe(toHex(plain))
  })

  it('[G4.codec] carries nothing over: no record, string, key or reference of one peer reaches the next', () => {
    // What msgpackr itself would take: a record definition in one body, its use in the next.
    const definition = fromHex('d4724093a474797065a16ea17892a470696e6701') // ext 0x72: structure 0x40 = [type, n, x]
    const use = fromHex('40a470696e670102')
    const ping = encodeMessage({ type: 'ping', n: 64 }) // 0x40, the byte that would name that structure
    for (let turn = 0; turn < 3; turn++) {
      expect(codeOf(() => decodeMessage(definition, options), DecodeError)).toBe('bad-message')
      expect(codeOf(() => decodeMessage(use, options), DecodeError)).toBe('bad-message')
      expect(decodeMessage(ping, options)).toEqual({ type: 'ping', n: 64 })
    }
    for (const vector of vectors.reject) {
      expect(() => decodeMessage(bytesOf(vector), { ...options, ...vector })).toThrow(DecodeError)
      expect(decodeMessage(ping, options)).toEqual({ type: 'ping', n: 64 })
    }
  })

  it('copies bytes out, so that keeping a field keeps no chunk alive', () => {
    const body = encodeMessage({ type: 'segment', space: 'A'.repeat(43), bytes: Uint8Array.of(1, 2, 3) })
    const chunk = new Uint8Array(100_000)
    chunk.set(body, 5)
    const message = decodeMessage(chunk.subarray(5, 5 + body.length), options)
    expect(message.type === 'segment' && message.bytes.buffer.byteLength).toBe(3)
  })

  it('reads Node buffers, and marks nothing on them', () => {
    const body = Buffer.from(encodeMessage({ type: 'segment', space: 'A'.repeat(43), bytes: Uint8Array.of(1) }))
    const message = decodeMessage(body, options)
    expect(message.type === 'segment' && message.bytes.constructor).toBe(Uint8Array)
    expect(Object.hasOwn(body, 'dataView')).toBe(false)
  })

  it('fits 1,024 heads, the largest message, into its bounds', () => {
    const head = { pub: 'A'.repeat(43), epoch: 15, seq: 2 ** 40, hash: 'A'.repeat(22), fork: 'Q'.repeat(22) }
    const heads = Array<typeof head>(WIRE_LIMITS.headsPerMessage).fill(head)
    const body = encodeMessage({ type: 'heads', space: 'Q'.repeat(43), heads, full: true })
    expect(decodeMessage(body, options)).toMatchObject({ heads: { length: 1_024 } })
  })
})
