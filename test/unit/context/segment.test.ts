/**
 * The bytes of a segment: golden vectors that another implementation can use, and round trips of whatever can be
 * said.
 */
import { readFileSync } from 'node:fs'
import { chainOf, decodeSegment, encodeSegment, type Segment } from '@amp-mesh/context'
import { concat, fromBase64url, logIdOf, spaceIdOf, toBase64url, verifyPortable, WIRE_LIMITS } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roomIn, SEGMENT_HEAD, SIGNATURE } from '../../../packages/context/src/ledger/segment.ts'
import { EPOCH_MS, ledger } from '../../simulation/space.ts'

interface Vectors {
  genesis: string
  space: string
  accept: {
    name: string
    hex: string
    author: string
    epoch: number
    from: number
    prev: string
    log: string
    entries: { time: number; ops: { hex?: string; forgotten?: string; length?: number }[]; hash: string }[]
    signature: string
    /** The signature is of this chain. */
    sound: boolean
  }[]
  records: { id: string; log: string; seq: number; n: number; time: number; k: string | null }[]
  refuse: { name: string; hex: string }[]
}
const vectors: Vectors = JSON.parse(readFileSync(new URL('../../vectors/segments.json', import.meta.url), 'utf8'))
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (from: Uint8Array) => Buffer.from(from).toString('hex')

describe('golden segments', () => {
  it('belong to the genesis they are printed with', () => {
    expect(spaceIdOf(bytes(vectors.genesis))).toBe(vectors.space)
  })

  it.each(vectors.accept)('$name', vector => {
    const segment = decodeSegment(bytes(vector.hex))
    expect(toBase64url(segment.pub)).toBe(vector.author)
    expect([segment.epoch, segment.from, hex(segment.prev)]).toEqual([vector.epoch, vector.from, vector.prev])
    expect(logIdOf(vectors.space, segment.pub, segment.epoch)).toBe(vector.log)
    const hashes = chainOf(fromBase64url(vectors.space), segment).map(hex)
    const read = segment.entries.map(({ time, ops }, i) => ({
      time,
      ops: ops.map(op =>
        op instanceof Uint8Array ? { hex: hex(op) } : { forgotten: hex(op.leaf), length: op.length },
      ),
      hash: hashes[i],
    }))
    expect(read).toEqual(vector.entries)
    expect(hex(segment.signature)).toBe(vector.signature)
    expect(hex(encodeSegment(segment))).toBe(vector.hex)
    expect(verifyPortable(segment.signature, bytes(hashes.at(-1) ?? ''), segment.pub)).toBe(vector.sound)
  })

  it('become these records', () => {
    const held = ledger(bytes(vectors.genesis), undefined, () => EPOCH_MS)
    expect(held.ingest(bytes(vectors.accept[1]?.hex ?? '')).outcome).toBe('added')
    const records = [...held.records()].map(({ id, log, seq, n, time, op }) => ({
      id,
      log,
      seq,
      n,
      time,
      k: op?.k ?? null,
    }))
    expect(records).toEqual(vectors.records)
  })

  it.each(vectors.refuse)('refused: $name', ({ hex: refused }) => {
    expect(() => decodeSegment(bytes(refused))).toThrow('not a segment')
  })
})

const length = (n: number) => fc.uint8Array({ minLength: n, maxLength: n })
const entry = fc.record({
  time: fc.nat({ max: 2 ** 48 - 1 }),
  ops: fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.record({ length: fc.nat({ max: 5_000 }), leaf: length(32) })),
    {
      minLength: 1,
      maxLength: 5,
    },
  ),
})
const anySegment: fc.Arbitrary<Segment> = fc.record({
  pub: length(32),
  epoch: fc.nat({ max: 2 ** 48 - 1 }),
  from: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  prev: length(32).filter(prev => prev.some(byte => byte !== 0)),
  entries: fc.array(entry, { minLength: 1, maxLength: 6 }),
  signature: length(64),
})

describe('any segment', () => {
  it('reads back as it was written, from any place in memory', () => {
    fc.assert(
      fc.property(anySegment, fc.nat({ max: 7 }), (segment, offset) => {
        const written = encodeSegment(segment)
        const placed = new Uint8Array(written.length + offset)
        placed.set(written, offset)
        expect(decodeSegment(placed.subarray(offset))).toEqual(segment)
      }),
      { numRuns: 200 },
    )
  })

  it('is the only one with its bytes: whatever decodes encodes to the same', () => {
    fc.assert(
      fc.property(
        anySegment,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
        (segment, flips) => {
          const written = encodeSegment(segment)
          for (const [at, value] of flips) written[at % written.length] = value
          let read: Segment
          try {
            read = decodeSegment(written)
          } catch (error) {
            expect(error).toMatchObject({ code: 'bad-segment' })
            return
          }
          expect(hex(encodeSegment(read))).toBe(hex(written))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('has at most 256 entries and 1 MiB', () => {
    const base = { pub: new Uint8Array(32), epoch: 0, from: 0, prev: new Uint8Array(32), signature: new Uint8Array(64) }
    const entries = (count: number, size: number) =>
      Array.from({ length: count }, () => ({ time: 0, ops: [new Uint8Array(size)] }))
    expect(decodeSegment(encodeSegment({ ...base, entries: entries(256, 1) })).entries).toHaveLength(256)
    for (const [count, size] of [
      [257, 1],
      [0, 1],
      [5, 250_000],
    ] as const)
      expect(() => encodeSegment({ ...base, entries: entries(count, size) })).toThrow('256 entries')
  })

  it('fits also once all of it is forgotten', () => {
    const base = { pub: new Uint8Array(32), epoch: 0, from: 0, prev: new Uint8Array(32), signature: new Uint8Array(64) }
    const tiny = (ops: number) => [{ time: 0, ops: Array.from({ length: ops }, () => new Uint8Array(9)) }]
    const fitting = Math.floor((WIRE_LIMITS.segment - SEGMENT_HEAD - SIGNATURE - 8) / 40)
    const segment = { ...base, entries: tiny(fitting) }
    const forgotten = [
      { time: 0, ops: tiny(fitting)[0]?.ops.map(() => ({ length: 9, leaf: new Uint8Array(32) })) ?? [] },
    ]
    const [whole, gone] = [encodeSegment(segment), encodeSegment({ ...base, entries: forgotten })]
    expect(decodeSegment(gone).entries).toEqual(forgotten)
    expect([roomIn(whole), roomIn(gone)]).toEqual([gone.length, gone.length])
    expect(() => encodeSegment({ ...base, entries: tiny(fitting + 1) })).toThrow('1 MiB')
    // one op more, put in by hand: far from 1 MiB as it stands, beyond it once forgotten
    const oneMore = concat(whole.subarray(0, -SIGNATURE), new Uint8Array(4 + 9 + SIGNATURE))
    const view = new DataView(oneMore.buffer)
    view.setUint8(whole.length - SIGNATURE + 3, 9)
    view.setUint16(SEGMENT_HEAD + 6, fitting + 1)
    expect(() => decodeSegment(oneMore)).toThrow('not a segment')
  })
})
