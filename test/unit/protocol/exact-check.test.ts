/** Ops are read the quick way where that can be; it must never say anything else than the schemas do. */
import {
  decodeMessage,
  encodeMessage,
  type Json,
  type Kind,
  MESSAGES,
  type Message,
  type MessageType,
  RECORDS,
  readOp,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readVectors } from './vectors.ts'

const id = 'r'.repeat(32)
const key = `${'k'.repeat(42)}A`
const log = `${'l'.repeat(21)}A`

/** What fits somewhere, and what fits nowhere. */
const leaf = fc.oneof(
  fc.constantFrom<Json>(
    id,
    key,
    log,
    's'.repeat(86),
    '',
    'best',
    'all',
    'an-agent',
    'x'.repeat(300),
    'y'.repeat(9_000),
  ),
  fc.constantFrom<Json>(0, 1, -1, 0.5, 1.5, 2 ** 53, 7, null, true, false),
)
const field: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  fc.array(leaf, { maxLength: 3 }),
  fc.array(
    fc.tuple(fc.constant(log), fc.constantFrom(0, 1.5, -1)).map(pair => [...pair] as Json),
    { maxLength: 2 },
  ),
  fc.constantFrom<Json>([[key, 's'.repeat(86)]], [[log, 4, log]], [{ text: 't', references: [id] }], { ms: 5 }, {}),
  fc.array(fc.constantFrom(id, key), { maxLength: 300 }),
)
const fieldsOf = (kind: Kind) =>
  fc.record(Object.fromEntries(Object.keys(RECORDS[kind].shape).map(name => [name, field])), { requiredKeys: [] })

describe('reading an op', () => {
  it.each(Object.keys(RECORDS) as Kind[])('%s: says what its schema says', kind => {
    const extra = fc.dictionary(fc.constantFrom('later', '_s', 'agent'), field, { maxKeys: 1 })
    const property = fc.property(fieldsOf(kind), extra, (fields, more) => {
      const value = { ...fields, ...more, k: kind } as Json
      const { k: _, ...rest } = value as { k: string }
      const read = RECORDS[kind].safeParse(rest)
      expect(readOp(value)).toEqual(read.success ? { k: kind, ...read.data } : undefined)
    })
    fc.assert(property, { numRuns: 150 })
  })

  it.each(examples())('$k is taken as it is, not copied', op => {
    expect(readOp(op as Json)).toBe(op)
    const { k, ...fields } = op
    expect(RECORDS[k as Kind].safeParse(fields).success).toBe(true)
    expect(readOp({ ...op, later: 1 } as Json)).toEqual(op)
  })
})

describe('reading a message', () => {
  const wounds = fc.oneof(field, fc.constantFrom(Number.NaN, new Uint8Array(0), new Uint8Array(16), new Uint8Array(64)))
  const vectors = readVectors<{ accept: { value: Message; parts?: unknown }[] }>('messages.json').accept
  const known = vectors.filter(({ parts }) => parts === undefined).map(({ value }) => value)

  it.each(Object.keys(MESSAGES) as MessageType[])('%s: says what its schema says', type => {
    const examples = known.filter(message => message.type === type)
    const changed = fc.dictionary(fc.constantFrom(...Object.keys(MESSAGES[type].shape), 'later'), wounds, {
      maxKeys: 2,
    })
    const property = fc.property(fc.constantFrom(...examples), changed, (example, changes) => {
      const message = { ...example, ...changes }
      const { type: _, ...fields } = message
      const said = MESSAGES[type].safeParse(fields)
      const read = () => decodeMessage(encodeMessage(message), { maxBytes: WIRE_LIMITS.syncFrame })
      if (said.success) expect(read()).toEqual({ type, ...said.data })
      else expect(read).toThrow()
    })
    fc.assert(property, { numRuns: 60 })
  })
})

/** One op of each kind, with every field it has. */
function examples(): { k: string; [field: string]: unknown }[] {
  const said = { agent: 'an-agent', via: 'guest' }
  return [
    { k: 'broadcast', query: 'q', goal: 'g', requirements: ['r'], scope: 'all', capability: 'c', context: { a: [1] } },
    { k: 'capability_match', for: id, confidence: 0.5, offer: 'o', bid: { ms: 1, tokens: 2, cost: 0.5 }, ...said },
    { k: 'proposal', for: id, content: 'c', references: [id], confidence: 1, ...said },
    { k: 'synthesis', for: id, content: 'c', claims: [{ text: 't', references: [id] }], partial: true, ...said },
    { k: 'verify', of: id, v: -1, why: 'w', ev: ['e'], slot: 's', ver: 1, e: 0, vs: 's'.repeat(86), ...said },
    { k: 'settle', heads: [[log, 4]] },
    {
      k: 'fact',
      s: 's',
      p: 'p',
      o: { any: null },
      text: 't',
      conf: 0.5,
      src: [1],
      slot: 's',
      ver: 1,
      sup: id,
      ...said,
    },
    { k: 'cert', of: id, slot: 's', ver: 0, e: 0, sigs: [[key, 's'.repeat(86)]] },
    { k: 'retract', of: id, erase: true },
    { k: 'gap', q: 'q', text: 't', about: [id], prio: -1.5, sup: id },
    { k: 'ack', heads: [[log, 4, log]] },
    { k: 'ckpt', upto: 1, ops: 2, n: 1, size: 9, root: key },
  ]
}
