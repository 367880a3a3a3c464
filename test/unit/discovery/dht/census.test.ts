/** A census: how many cards a full bucket was offered, told from a few of them. */
import { describe, expect, it } from 'vitest'
import { Census } from '../../../../packages/discovery/src/dht/census.ts'
import { chance } from '../../../simulation/discovery/chance.ts'

const NEVER = Number.MAX_SAFE_INTEGER

describe('a census', () => {
  it('counts few cards exactly, each of them once', () => {
    const census = new Census()
    for (let turn = 0; turn < 2; turn++) for (let n = 0; n < 100; n++) census.add(n / 100, NEVER)
    expect(census.total(0)).toBe(100)
  })

  it('estimates many within some hundredths', () => {
    const CARDS = 30_000
    const errors = Array.from({ length: 10 }, (_, seed) => {
      const random = chance(seed + 1)
      const census = new Census()
      for (let n = 0; n < CARDS; n++) census.add(random(), NEVER)
      return census.total(0) / CARDS - 1
    })
    expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeLessThan(0.05)
  })

  it('forgets what expired', () => {
    const random = chance(1)
    const census = new Census()
    for (let n = 0; n < 30_000; n++) census.add(random(), n % 3 === 0 ? 10 : NEVER)
    const before = census.total(0)
    expect(census.total(10) / before).toBeCloseTo(2 / 3, 1)
  })
})
