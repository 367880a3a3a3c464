/** Our writer beside msgpackr: the same bytes for the same value. */
import fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { readMsgpack } from '../../../protocol/src/msgpack-read.ts'
import { writeMsgpack } from '../../../protocol/src/msgpack-write.ts'

const packr = new Packr({ useRecords: false, variableMapSize: true })

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', maxLength: 400 }))
const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true }))
const bytes = fc.uint8Array({ maxLength: 300 })
const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.constant(null), fc.boolean(), number, text, bytes),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 20, noNullPrototype: true }),
  ),
}))

describe('a written body', () => {
  it('is what msgpackr writes', () => {
    const property = fc.property(value, given => {
      expect(Buffer.from(writeMsgpack(given)).equals(packr.pack(given))).toBe(true)
    })
    fc.assert(property, { numRuns: 500 })
  })

  it.each([0, 31, 32, 63, 64, 65, 255, 256, 65_535, 65_536])('has texts, bytes and lists of %i', length => {
    for (const given of ['a'.repeat(length), 'é'.repeat(length), new Uint8Array(length), new Array(length).fill(1)])
      expect(Buffer.from(writeMsgpack(given)).equals(packr.pack(given))).toBe(true)
  })

  it('leaves out what is undefined, and stays as it is while others are written', () => {
    const first = writeMsgpack({ a: 1, b: undefined })
    for (let n = 0; n < 10_000; n++) writeMsgpack({ n })
    expect(readMsgpack(first)).toEqual({ a: 1 })
  })

  it('holds nothing but JSON and bytes', () => {
    for (const given of [1n, () => 1, Symbol('s')]) expect(() => writeMsgpack({ given })).toThrow(TypeError)
    expect(readMsgpack(writeMsgpack({ next: 'whole' }))).toEqual({ next: 'whole' })
  })
})
