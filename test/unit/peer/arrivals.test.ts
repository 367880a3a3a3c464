/** The figures are those that Pekko's own tests publish for its φ accrual failure detector. */
import { describe, expect, it } from 'vitest'
import { Arrivals, phi } from '../../../packages/peer/src/arrivals.ts'

const PEKKO = { phi: 8, samples: 1_000, minDeviationMs: 100, pauseMs: 0, firstEstimateMs: 1_000, mergeMs: 0 }
const probability = (value: number) => 1 - 10 ** -value

function after(intervals: readonly number[], settings = PEKKO): { arrivals: Arrivals; now: number } {
  const arrivals = new Arrivals(settings)
  let now = 0
  arrivals.arrived(now)
  for (const interval of intervals) {
    now += interval
    arrivals.arrived(now)
  }
  return { arrivals, now }
}

describe('phi', () => {
  it.each([
    [0, 0, 10, 0.5],
    [6, 0, 10, 0.7257],
    [15, 0, 10, 0.9332],
    [20, 0, 10, 0.97725],
    [25, 0, 10, 0.99379],
    [35, 0, 10, 0.99977],
    [40, 0, 10, 0.99997],
    [22, 20, 3, 0.7475],
  ])('of %i with mean %i and deviation %i is the probability %f', (silence, mean, deviation, expected) => {
    expect(Math.abs(probability(phi(silence, mean, deviation)) - expected)).toBeLessThan(0.001)
  })

  it('rises with the silence, and falls with the deviation', () => {
    for (let silence = 0; silence < 40; silence++) expect(phi(silence, 0, 10)).toBeLessThan(phi(silence + 1, 0, 10))
    expect(phi(1_100, 1_000, 500)).toBeLessThan(phi(1_100, 1_000, 100))
  })

  it('stays a number far outside', () => {
    expect(Math.abs(phi(10, 0, 1) - 38)).toBeLessThan(1)
    expect(phi(-25, 0, 1)).toBeCloseTo(0)
  })

  it.each([
    [0, 0],
    [500, 0.1],
    [1_000, 0.3],
    [1_200, 1.6],
    [1_400, 4.7],
    [1_600, 10.8],
    [1_700, 15.3],
  ])('of a silence of %i ms where a second is usual is %f', (silence, expected) => {
    expect(Math.abs(phi(silence, 1_000, 100) - expected)).toBeLessThanOrEqual(0.1)
  })
})

describe('arrivals', () => {
  it('mean nothing before the first, and an estimate after it', () => {
    const arrivals = new Arrivals(PEKKO)
    expect(arrivals.phi(5_000)).toBe(0)
    arrivals.arrived(0)
    expect(Math.abs(arrivals.phi(1_000) - 0.3)).toBeLessThan(0.2)
    expect(Math.abs(arrivals.phi(2_000) - 4.5)).toBeLessThan(0.3)
    expect(arrivals.phi(3_000)).toBeGreaterThan(15)
  })

  it('that stop are odd, at any threshold', () => {
    const { arrivals } = after([1_000, 100], { ...PEKKO, phi: 3 })
    expect(arrivals.isOdd(1_200)).toBe(false)
    expect(arrivals.isOdd(8_200)).toBe(true)
  })

  it('that come again are usual at once, and the long pause is forgotten', () => {
    const { arrivals, now } = after(Array(999).fill(1_000), { ...PEKKO, pauseMs: 3_000 })
    const back = now + 300_000
    expect(arrivals.isOdd(back)).toBe(true)
    arrivals.arrived(back)
    expect(arrivals.isOdd(back + 900)).toBe(false)
    arrivals.arrived(back + 1_000)
    expect(arrivals.isOdd(back + 8_000)).toBe(true)
    arrivals.arrived(back + 8_100)
    expect(arrivals.isOdd(back + 9_000)).toBe(false)
  })

  it('may be missing for the acceptable pause, and no longer', () => {
    const patient = { ...PEKKO, pauseMs: 3_000 }
    const late = after([1_000, 1_000, 1_000], patient)
    expect(late.arrivals.isOdd(late.now + 4_000)).toBe(false)
    const { arrivals, now } = after([1_000, 1_000, 1_000, 1_000, 1_000], patient)
    expect(arrivals.isOdd(now + 500)).toBe(false)
    arrivals.arrived(now + 1_000)
    expect(arrivals.isOdd(now + 6_000)).toBe(true)
  })

  it('are forgotten beyond the samples', () => {
    const few = { ...PEKKO, samples: 3 }
    const fast = after([100, 100, 100], few)
    const slow = after([100, 100, 100, 600, 500, 500, 500], few)
    expect(slow.arrivals.phi(slow.now + 500)).toBeCloseTo(fast.arrivals.phi(fast.now + 100), 3)
  })

  it('have mean and variance', () => {
    const { arrivals } = after([100, 110, 90], { ...PEKKO, samples: 3 })
    expect([arrivals.mean, arrivals.variance]).toEqual([100, expect.closeTo(66.666_666_7)])
    arrivals.arrived(440)
    expect([arrivals.mean, arrivals.variance]).toEqual([expect.closeTo(113.333_333), expect.closeTo(422.222_222)])
    arrivals.arrived(520)
    expect([arrivals.mean, arrivals.variance]).toEqual([expect.closeTo(103.333_333), expect.closeTo(688.888_889)])
  })

  it('in a burst are one', () => {
    const { arrivals } = after([1_000, 10, 10, 10, 970], { ...PEKKO, mergeMs: 500 })
    expect(arrivals.mean).toBe(1_000)
    expect(arrivals.silence(2_500)).toBe(500)
  })
})
