/**
 * Hostile bytes at the codec: whatever comes in, a message or a DecodeError comes out, soon. Seeds are printed on
 * failure.
 */
import {
  ACTS,
  DecodeError,
  decodeJson,
  decodeMessage,
  encodeJson,
  encodeMessage,
  FrameReader,
  ITEMS,
  MESSAGES,
  type Message,
  utf8,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, type Input, readVectors } from './vectors.ts'

const messages = readVectors<{ accept: Input[]; reject: Input[] }>('messages.json')
const json = readVectors<{ accept: Input[]; reject: Input[] }>('json.json')
const small = (input: Input) => input.parts === undefined
const bodies = [...messages.accept, ...messages.reject].filter(small).map(bytesOf)
const texts = [...json.accept, ...json.reject].filter(small).map(bytesOf)
const fill = { id: 'fill', time: 1, space: 'A'.repeat(43) }
const options = { maxBytes: WIRE_LIMITS.message }

/** One to four wounds: a byte changed, cut, repeated, or a piece of another body spliced in. */
const wounded = (corpus: Uint8Array[]) =>
  fc
    .tuple(
      fc.constantFrom(...corpus),
      fc.constantFrom(...corpus),
      fc.array(fc.tuple(fc.nat(4), fc.nat(4_096), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    )
    .map(([body, other, wounds]) => wounds.reduce((bytes, wound) => wounding(bytes, other, ...wound), body))

function wounding(bytes: Uint8Array, other: Uint8Array, how: number, where: number, value: number): Uint8Array {
  const at = bytes.length === 0 ? 0 : where % bytes.length
  if (how === 0) return bytes.map((byte, i) => (i === at ? value : byte))
  if (how === 1) return bytes.slice(0, at)
  if (how === 2) return Uint8Array.of(...bytes.subarray(0, at), value, ...bytes.subarray(at))
  if (how === 3) return Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + 1))
  return Uint8Array.of(...bytes.subarray(0, at), ...other.subarray(value % (other.length + 1)))
}

/** What `decode` makes of the bytes, undefined for a DecodeError; anything else that is thrown fails the test. */
function outcome<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

describe('[G4.codec] hostile bytes', () => {
  it('wounded msgpack bodies: a message that encodes again, or a DecodeError', () => {
    fc.assert(
      fc.property(wounded(bodies), body => {
        const message = outcome(() => decodeMessage(body, options))
        if (message === undefined) return
        expect(Object.hasOwn(MESSAGES, message.type)).toBe(true)
        expect(decodeMessage(encodeMessage(message), options)).toEqual(message)
      }),
      { numRuns: 6_000 },
    )
  })

  it('noise: no bytes at all make a message by chance, and none break the decoder', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), body => {
        expect(outcome(() => decodeMessage(body, options))).toBeUndefined()
      }),
      { numRuns: 4_000 },
    )
  })

  it('wounded JSON: something that encodes again, or a DecodeError', () => {
    fc.assert(
      fc.property(wounded(texts), body => {
        const said = outcome(() => decodeJson(body, { fill }))
        if (said !== undefined) expect(decodeJson(encodeJson(said), { fill })).toEqual(said)
      }),
      { numRuns: 3_000 },
    )
  })

  it('any JSON value under any type: a DecodeError or one of our kinds, and no prototype is touched', () => {
    const types = [...Object.keys(MESSAGES), ...Object.keys(ACTS), ...Object.keys(ITEMS), 'toString', '__proto__']
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.dictionary(fc.string(), fc.jsonValue()), (type, fields) => {
        outcome(() => decodeJson(utf8(JSON.stringify({ ...fields, type })), { fill }))
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  it('noise as a stream of frames: bodies within the bound, or a DecodeError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), chunks => {
        const reader = new FrameReader(32)
        outcome(() => {
          for (const chunk of chunks) for (const body of reader.push(chunk)) expect(body.length).toBeLessThanOrEqual(32)
        })
      }),
      { numRuns: 2_000 },
    )
  })

  it('the costliest bodies of 256 KiB are judged in less time than a heartbeat', () => {
    const started = process.cpuUsage()
    for (const body of costly()) outcome(() => decodeMessage(body, options))
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1_000 / costly().length).toBeLessThan(1_000)
  })
})

/** Full-size bodies that make a decoder work hardest. */
function costly(): Uint8Array[] {
  const size = WIRE_LIMITS.message
  const filled = (start: number[], byte: number) => new Uint8Array(size).fill(byte).map((b, i) => start[i] ?? b)
  const head = { pub: 'A'.repeat(43), epoch: 15, seq: 2 ** 40, hash: 'A'.repeat(22), fork: 'Q'.repeat(22) }
  const heads: Message = {
    type: 'heads',
    space: 'Q'.repeat(43),
    heads: Array<typeof head>(1_024).fill(head),
    full: true,
  }
  return [
    filled([], 0x91),
    filled([0xdd, 0, 3, 0xff, 0xfb], 0x80),
    filled([0xdd, 0, 3, 0xff, 0xfb], 0xa0),
    filled([0xdb, 0, 3, 0xff, 0xfb], 0x61),
    filled([0x81, 0xdb, 0, 3, 0xff, 0xf9], 0x61),
    encodeMessage(heads),
  ]
}
