/** Ops are read the quick way where that can be; it must never say anything else than the plain definition does. */
import { canonicalBytes, type Json, SPACE_LIMITS, type SpaceLimits, utf8 } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecordOp, readRecordOps } from '../../../packages/context/src/ledger/op.ts'
import { isPlainOp } from '../../../packages/context/src/ledger/plain-op.ts'

/** So small that what is generated is often above them. */
const tight: SpaceLimits = { ...SPACE_LIMITS, depth: 3, string: 6, array: 3, keys: 3 }
const id = 'r'.repeat(32)
const log = `${'l'.repeat(21)}A`

const number = fc.oneof(
  fc.constantFrom('0', '-0', '00', '01', '-', '.5', '5.', '1.50', '0.000001', '0.0000001', '-0.5', '-0.0', '1e3', '+1'),
  fc.constantFrom('999999999999999', '9007199254740993', '12345678901.123456', '1.0', '123456789.123456', '0.1234567'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => JSON.stringify(value)),
  fc.tuple(fc.integer(), fc.nat(999_999)).map(parts => parts.join('.')),
)
const character = fc.constantFrom(
  ...['a', 'b', 'k', ' ', '!', '"', '\\', '/', '\\"', '\\\\', '\\/', '\\n', '\\u000a', '\\u001f', '\\ud83d', '\\q'],
  ...['\u007f', 'é', '\u2028', '\ufffd', '\ufeff', '😀', '\n', '\u0001', '{', '}', '[', ']', ',', ':'],
)
const string = fc.array(character, { maxLength: 8 }).map(parts => `"${parts.join('')}"`)
const UNSAFE = ['__proto__', 'constructor', 'prototype']
const KEYS = ['a', 'a!', 'ab', '1', '10', '', '\uffff', '😀', '\\n', 'too-long', ...UNSAFE]
const key = fc.constantFrom('a', 'b', 'k', 'z', ...KEYS)

/** Texts that are JSON or nearly so, canonical or nearly so. */
const { value: text } = fc.letrec<{ value: string; object: string }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('true', 'false', 'null', 'nul', 'trues', ''),
    number,
    string,
    fc.array(tie('value'), { maxLength: 4 }).map(items => `[${items.join(',')}]`),
    tie('object'),
  ),
  object: fc
    .tuple(fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }), fc.boolean())
    .map(([fields, isSorted]) => (isSorted ? fields.sort(([a], [b]) => (a < b ? -1 : 1)) : fields))
    .map(fields => `{${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}`),
}))

/** Plain but for one thing. */
const odd = fc.oneof(
  number,
  string,
  fc.nat(5).map(length => `[${Array(length).fill(1).join(',')}]`),
  fc.nat(4).map(depth => `${'['.repeat(depth)}${']'.repeat(depth)}`),
  fc.constant('{"\uffff":1,"😀":1}'), // in order of bytes, and not of UTF-16
  fc.shuffledSubarray(KEYS, { maxLength: 4 }).map(keys => `{${keys.map(name => `"${name}":1`).join(',')}}`),
)

/** Where the bytes of one op could be taken for those of two, or of a part of one. */
const torn = fc.constantFrom(
  '{"a":[{}',
  '{}]},{"c":1}',
  '{"a":1},{"b":2}',
  '{"a":"}',
  '{"}',
  '{"a":1',
  '"b":2}',
  '{}}',
  '{"k":"admit"}',
)
/** What is truly said, some of it with a byte of another. */
const said = fc.constantFrom<Json>(
  { k: 'fact', s: 's', p: 'p', o: 0.9, text: 't' },
  { k: 'fact', s: 's', p: 'p', o: { deep: [[[[[[[[[1]]]]]]]]] } },
  { k: 'hyp', text: 'a – b' },
  { k: 'retract', of: id },
  { k: 'edit', draft: id, update: 'AAAA' },
  { k: 'unheard-of', at: [true, false, null] },
  { k: 'admit', pub: `${'A'.repeat(42)}A` },
  { k: 'ack', heads: [[log, 4, log]] },
  { k: 'retract', of: id, erase: true },
  [],
)
const flipped = fc.tuple(said, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
  const bytes = canonicalBytes(value)
  bytes[at % bytes.length] = byte
  return bytes
})
const oddly = odd.map(value => utf8(`{"k":"x","o":${value}}`))
const bytes = fc.oneof(
  { weight: 4, arbitrary: oddly },
  text.map(utf8),
  torn.map(utf8),
  said.map(canonicalBytes),
  flipped,
  fc.uint8Array({ maxLength: 8 }),
)
const limits = fc.constantFrom(SPACE_LIMITS, tight)

describe('an op that is plain', () => {
  it('reads as its plain definition has it', () => {
    const property = fc.property(bytes, limits, (op, within) => {
      expect(readRecordOps([op], within)).toEqual([readRecordOp(op, within)])
    })
    fc.assert(property, { numRuns: 3_000 })
  })

  it('reads so whatever stands beside it', () => {
    const forgotten = fc.constant({ length: 1, leaf: new Uint8Array(32) })
    const property = fc.property(fc.array(fc.oneof(bytes, forgotten), { maxLength: 6 }), limits, (ops, within) => {
      const alone = ops.map(op => (op instanceof Uint8Array ? readRecordOp(op, within) : undefined))
      expect(readRecordOps(ops, within)).toEqual(alone)
    })
    fc.assert(property, { numRuns: 1_500 })
  })

  it.each<Json>([
    { k: 'fact', s: 'service/4', p: 'latency_ms', o: 28, conf: 0.95, text: 'as “seen”\n\tin "run" 4 – 😀' },
    { k: 'settle', heads: [['l'.repeat(22), 4]] },
    { k: 'verify', of: id, v: -1 },
    { k: 'award', task: id, to: 'amp://x/y', until: 1_790_000_000_000, token: 0 },
    { k: 'synthesis', for: id, content: '', claims: [{ text: 't', references: [id] }], partial: true },
    { k: 'unheard-of', at: [{}, [], null, false, -0.000001] },
  ])('is what is said every day: %j', op => {
    expect(isPlainOp(canonicalBytes(op), SPACE_LIMITS)).toBe(true)
  })
})
