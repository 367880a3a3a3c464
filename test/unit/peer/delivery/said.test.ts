/** What may be said on a direct channel: what its reader takes, and nothing it would refuse. */
import { decodeMessage, encodeMessage, type Json, WIRE_LIMITS } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { checkSaid, SAID } from '../../../../packages/peer/src/delivery/said.ts'

const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)])
const many = (values: number): Json => Array.from({ length: values - 1 }, () => 0)
const read = (value: Json) => {
  const message = decodeMessage(encodeMessage({ type: 'say', value }), { maxBytes: WIRE_LIMITS.message, ...SAID })
  return message.type === 'say' && message.value
}

it.each<[string, Json]>([
  ['nothing', null],
  ['a bit of everything', { a: [1, -1.5, 2 ** 53, 'é 😀', false, null], b: {}, '': [] }],
  ['as deep as may be', nested(WIRE_LIMITS.sayDepth)],
  ['as much as may be', many(WIRE_LIMITS.sayValues)],
  [
    'as many keys as may be',
    Object.fromEntries(Array.from({ length: WIRE_LIMITS.sayValues / 2 - 1 }, (_, n) => [n, 0])),
  ],
])('takes %s, and it is read as it was said', (_name, value) => {
  checkSaid(value)
  expect(read(value)).toEqual(value)
})

it.each<[string, unknown]>([
  ['bytes', { a: new Uint8Array(3) }],
  ['a number that JSON lacks', [Number.NaN]],
  ['undefined', undefined],
  ['a function', { f: () => 1 }],
  ['a date', { at: new Date(0) }],
  ['half a character', 'x\ud83d'],
  ['a key that reaches a prototype', JSON.parse('{"a": {"__proto__": 1}}')],
  ['what is nested too deep', nested(WIRE_LIMITS.sayDepth + 1)],
  ['too many values', many(WIRE_LIMITS.sayValues + 1)],
])('refuses %s, as its reader would or would not understand', (_name, value) => {
  expect(() => checkSaid(value as Json)).toThrow(expect.objectContaining({ code: 'bad-input' }))
})

it('leaves out what is undefined, as JSON does', () => {
  const value = { a: undefined, b: [undefined] } as never
  checkSaid(value)
  expect(read(value)).toEqual({ b: [null] })
})
