/** The JSON binding: golden vectors, seed 004's own messages, and records completed for the ledger. */
import {
  AmpError,
  type ClientMessage,
  completeRecord,
  DecodeError,
  decodeJson,
  encodeJson,
  type Fill,
  MESSAGES,
  type RecordId,
  utf8,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { bytesOf, codeOf, type Input, readVectors } from './vectors.ts'

interface JsonVectors {
  fill: Fill
  accept: (Input & { value: ClientMessage })[]
  reject: (Input & { code: string })[]
}
const vectors = readVectors<JsonVectors>('json.json')
const { fill } = vectors
const question: RecordId = 'Q'.repeat(32)
const known = new Map([['proposal_xyz', 'P'.repeat(32)]])

/** A session that knows the space's question and the client's own names. */
const resolve = (target: string, name: string | undefined) =>
  name === undefined ? (target === 'for' ? question : undefined) : known.get(name)

const decode = (value: object) => decodeJson(utf8(JSON.stringify(value)), { fill })

function recordOf(value: object) {
  const said = decode(value)
  if (said.kind !== 'record') throw new Error('not a record')
  return said
}

describe('the JSON binding', () => {
  it.each(vectors.accept)('reads: $description', vector => {
    const said = decodeJson(bytesOf(vector), { fill })
    expect(said).toEqual(vector.value)
    expect(decodeJson(encodeJson(said), { fill })).toEqual(said)
  })

  it.each(vectors.reject)('[G4.codec] refuses: $description', vector => {
    expect(codeOf(() => decodeJson(bytesOf(vector), { fill }), DecodeError)).toBe(vector.code)
  })

  it('has a vector for every message type', () => {
    const seen = vectors.accept.flatMap(({ value }) => (value.kind === 'message' ? [value.message.type] : []))
    expect([...new Set(seen)].sort()).toEqual(Object.keys(MESSAGES).sort())
  })

  it('[G8.json] makes ledger records of the four messages of seed 004', () => {
    const ops = vectors.accept
      .filter(vector => vector.description.startsWith('seed 004'))
      .map(vector => decodeJson(bytesOf(vector), { fill }))
      .map(said => said.kind === 'record' && completeRecord(said, resolve))
    expect(ops).toEqual([
      { k: 'broadcast', query: 'Who can help with X?', context: {}, via: 'agent_id' },
      {
        k: 'capability_match',
        for: question,
        confidence: 0.85,
        offer: 'I can handle the data analysis portion',
        via: 'data_agent_id',
      },
      { k: 'proposal', for: question, content: "Here's my approach...", references: [], via: 'agent_id' },
      {
        k: 'build_on',
        parent: known.get('proposal_xyz'),
        content: 'Great idea, and we can also...',
        via: 'another_agent',
      },
    ])
  })

  it('tells a plain client that its parent names nothing', () => {
    const said = recordOf({ type: 'build_on', parent: 'nobody', content: 'c' })
    expect(codeOf(() => completeRecord(said, resolve), AmpError)).toBe('unknown-parent')
  })

  it('asks for a target that must be there, and for none that may be left out', () => {
    expect(codeOf(() => completeRecord(recordOf({ type: 'verify', v: 1 }), resolve), AmpError)).toBe('unknown-parent')
    expect(completeRecord(recordOf({ type: 'need', content: 'c' }), () => question)).toEqual({
      k: 'need',
      content: 'c',
    })
  })

  it('keeps a session without a space open', () => {
    const said = decodeJson(utf8('{"type":"broadcast","query":"q"}'), { fill: { id: 'i', time: 1 } })
    expect(said).not.toHaveProperty('space')
  })

  it('shows bytes as base64url', () => {
    const message = { type: 'segment', space: 'A'.repeat(43), bytes: Buffer.from([255, 254]) } as const
    expect(JSON.parse(Buffer.from(encodeJson({ kind: 'message', message })).toString())).toMatchObject({ bytes: '__4' })
  })

  it('takes the bound of its caller', () => {
    const body = utf8('{"type":"ping","n":1}')
    expect(codeOf(() => decodeJson(body, { fill, maxBytes: 20 }), DecodeError)).toBe('too-large')
    expect(decodeJson(body, { fill, maxBytes: WIRE_LIMITS.message })).toMatchObject({ kind: 'message' })
  })
})
