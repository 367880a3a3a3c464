import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { highest } from '../../../packages/discovery/src/highest.ts'

describe('highest', () => {
  it('gives the positions of the largest numbers, as sorting all of them would', () => {
    const number = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, -1, 0.5, 1e-9, 3e7))
    const property = fc.property(
      fc.array(number, { maxLength: 200 }),
      fc.integer({ min: 1, max: 40 }),
      (all, count) => {
        const sorted = [...all.keys()].filter(at => (all[at] ?? 0) > 0)
        sorted.sort((a, b) => (all[b] ?? 0) - (all[a] ?? 0) || a - b)
        expect(highest(all, count)).toEqual(sorted.slice(0, count))
      },
    )
    fc.assert(property)
  })
})
