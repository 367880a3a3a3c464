import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cosine, LexicalEmbedder, toInt8 } from '../../../packages/discovery/src/index.ts'
import { distance, FAR, mostApart, SIGN_BITS, signBits } from '../../../packages/discovery/src/sign-bits.ts'
import { VectorRows } from '../../../packages/discovery/src/vector-rows.ts'
import { SeededRandom } from '../../simulation/space.ts'

describe('sign bits', () => {
  it('are counted where they differ', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    const words = fc.array(word, { minLength: 16, maxLength: 16 })
    const property = fc.property(words, words, (a, b) => {
      const ones = a.map((word, i) => [...((word ^ (b[i] ?? 0)) >>> 0).toString(2)].filter(bit => bit === '1').length)
      const expected = ones.reduce((sum, count) => sum + count, 0)
      expect(distance(Uint32Array.from(a), Uint32Array.from([...a, ...b]), 16)).toBe(expected)
    })
    fc.assert(property)
    expect(distance(new Uint32Array(16), new Uint32Array(16).fill(2 ** 32 - 1), 0)).toBe(SIGN_BITS)
  })

  it('tell the angle between two vectors, also of few numbers', () => {
    const embedder = new LexicalEmbedder()
    const [a, b] = ['book a hotel', 'reserves hotels and flights'].map(text => embedder.embedText(text))
    const angle = (distance(signBits(a ?? []), signBits(b ?? []), 0) / SIGN_BITS) * Math.PI
    expect(Math.abs(Math.cos(angle) - cosine(a ?? [], b ?? []))).toBeLessThan(0.15)
    const opposite = (a ?? new Float32Array()).map(value => -value)
    expect(distance(signBits(a ?? []), signBits(opposite), 0)).toBeGreaterThan(SIGN_BITS - 20)
  })

  it('hardly ever pass over a vector that is close enough', () => {
    const random = new SeededRandom(6)
    const number = () => random.float() - 0.5
    const pairs = Array.from({ length: 1_500 }, () => {
      const a = Array.from({ length: 384 }, number)
      const share = 3 * random.float()
      return [a, a.map(value => value + share * number())] as const
    })
    const passed = ([a, b]: readonly [number[], number[]], least: number) =>
      distance(signBits(a), signBits(b), 0, mostApart(least)) !== FAR
    expect(pairs.filter(pair => !passed(pair, cosine(...pair))).length).toBeLessThan(10)
    expect(pairs.filter(pair => passed(pair, 0.6 + 0.4 * cosine(...pair))).length).toBeLessThan(500)
    expect([mostApart(1.01), mostApart(-0.1)]).toEqual([-1, SIGN_BITS])
  })
})

describe('vector rows', () => {
  const vectors = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 24, maxLength: 24 })

  it('keep cosines, and use the rows of what was removed again', () => {
    const property = fc.property(fc.array(vectors, { minLength: 1, maxLength: 20 }), vectors, (all, asked) => {
      const rows = new VectorRows(24)
      const gone = rows.add(toInt8(Float32Array.from(asked)), 0)
      rows.remove(gone)
      const numbers = all.map(vector => rows.add(toInt8(Float32Array.from(vector)), 0))
      expect(numbers[0]).toBe(gone)
      expect(rows.size).toBe(all.length)
      const probe = rows.probe(Float32Array.from(asked))
      for (const [i, row] of numbers.entries())
        expect(rows.similarity(probe, row)).toBeCloseTo(cosine(asked, all[i] ?? []), 1)
    })
    fc.assert(property, { numRuns: 50 })
  })

  it('find whose are the closest at the first look, among very many', () => {
    const rows = new VectorRows(64)
    const random = new SeededRandom(5)
    const all = Array.from({ length: 3_000 }, () => Float32Array.from({ length: 64 }, () => random.float() - 0.5))
    const ownerOf = (at: number) => at >> 1
    for (const [at, vector] of all.entries()) rows.add(toInt8(vector), ownerOf(at))
    for (const wanted of [0, 1_023, 1_024, 2_999]) {
      const near = all[wanted]?.map(value => value + 0.4 * (random.float() - 0.5))
      const { owners: likely } = rows.near(rows.probe(near ?? new Float32Array()), () => mostApart(0.8))
      expect(likely.length).toBeLessThan(20)
      expect(likely).toContain(ownerOf(wanted))
    }
    rows.remove(1_023)
    const probe = rows.probe(all[0] ?? new Float32Array())
    const { owners: others, apart } = rows.near(probe, owner => (owner === 7 ? -1 : SIGN_BITS))
    expect(others).toHaveLength(2_997)
    expect(others).not.toContain(7)
    expect(apart[0]).toBe(0)
  })
})
