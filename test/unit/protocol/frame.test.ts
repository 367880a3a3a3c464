/** Frames: golden vectors under every cut into chunks, random streams, and what a lying length may cost. */
import { DecodeError, encodeFrames, FrameReader, FrameWriter } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, codeOf, type Input, readVectors, toHex } from './vectors.ts'

interface FrameVectors {
  accept: (Input & { maxBody: number; bodies: string[] })[]
  reject: (Input & { maxBody: number; code: string })[]
  truncated: (Input & { maxBody: number; code: string })[]
}
const vectors = readVectors<FrameVectors>('frames.json')

/** All bodies of a stream that arrives in chunks of `size` bytes. */
function read(stream: Uint8Array, maxBody: number, size: number): Uint8Array[] {
  const reader = new FrameReader(maxBody)
  const bodies: Uint8Array[] = []
  for (let at = 0; at < stream.length; at += size) bodies.push(...reader.push(stream.slice(at, at + size)))
  reader.end()
  return bodies
}

describe('frames written', () => {
  it('are those of encodeFrames, and belong to whoever took them', () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(bodies, bodies, (first, second) => {
        const writer = new FrameWriter()
        for (const body of first) writer.write(body)
        const taken = writer.take()
        const before = toHex(taken)
        for (const body of second) expect(writer.write(body)).toBe(body.length + 4)
        expect(toHex(writer.take())).toBe(toHex(encodeFrames(second)))
        expect([toHex(taken), writer.length]).toEqual([before, 0])
        expect(before).toBe(toHex(encodeFrames(first)))
      }),
      { numRuns: 50 },
    )
  })
})

describe('frames', () => {
  it.each(vectors.accept)('reads: $description', vector => {
    const stream = bytesOf(vector)
    for (let size = 1; size <= stream.length + 1; size++)
      expect(read(stream, vector.maxBody, size).map(toHex)).toEqual(vector.bodies)
    expect(toHex(encodeFrames(vector.bodies.map(hex => bytesOf({ description: '', hex }))))).toBe(vector.hex)
  })

  it.each([...vectors.reject, ...vectors.truncated])('[G4.codec] refuses: $description', vector => {
    const stream = bytesOf(vector)
    for (let size = 1; size <= stream.length; size++)
      expect(codeOf(() => read(stream, vector.maxBody, size), DecodeError)).toBe(vector.code)
  })

  it('gives back what was framed, however the bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 9_000 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 8 }),
        (bodies, cuts) => {
          const stream = encodeFrames(bodies)
          const reader = new FrameReader(9_000)
          const out: Uint8Array[] = []
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const size = cuts[turn % cuts.length] ?? 1
            out.push(...reader.push(stream.subarray(at, at + size)))
            at += size
          }
          reader.end()
          expect(out.map(toHex)).toEqual(bodies.map(toHex))
        },
      ),
      { numRuns: 100 },
    )
  })

  it('copies nothing of a body that lies in one chunk', () => {
    const chunk = encodeFrames([new Uint8Array(10), new Uint8Array(20)])
    for (const body of new FrameReader(64).push(chunk)) expect(body.buffer).toBe(chunk.buffer)
  })

  it('[G4.codec] holds no more than twice what came, whatever the length claims', () => {
    const reader = new FrameReader(64 * 1024 * 1024)
    const before = process.memoryUsage().arrayBuffers
    const readers = [reader, ...Array.from({ length: 99 }, () => new FrameReader(64 * 1024 * 1024))]
    for (const one of readers) expect(one.push(Uint8Array.of(4, 0, 0, 0, 1, 2, 3))).toEqual([])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024)
  })

  it('[G4.codec] holds no more than twice what came of one body, or 4 KiB, however it is cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), cuts, (length, sizes) => {
        const stream = encodeFrames([new Uint8Array(length)])
        const reader = new FrameReader(60_000)
        let came = 0
        for (const size of sizes) {
          const bodies = reader.push(stream.subarray(came, came + size))
          came = Math.min(stream.length, came + size)
          expect(reader.held).toBeLessThanOrEqual(bodies.length > 0 ? 0 : Math.max(4_096, 2 * came))
          if (bodies.length > 0) break
        }
      }),
      { numRuns: 300 },
    )
  })

  it('stays broken once broken', () => {
    const reader = new FrameReader(16)
    expect(codeOf(() => reader.push(Uint8Array.of(0, 0, 0, 0)), DecodeError)).toBe('bad-frame')
    expect(codeOf(() => reader.push(encodeFrames([Uint8Array.of(1)])), DecodeError)).toBe('bad-frame')
    expect(codeOf(() => reader.end(), DecodeError)).toBe('bad-frame')
  })
})
