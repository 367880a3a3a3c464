/** Quorum arithmetic: what it promises, for every number of verifiers a space may have. */
import { quorumOf } from '@amp-mesh/context'
import { describe, expect, it } from 'vitest'
import { genesis, identity } from '../../simulation/space.ts'

const of = (n: number) => quorumOf(genesis({ verifiers: Array.from({ length: n }, (_, i) => identity(i)) }))

describe('a quorum', () => {
  it.each([
    [1, 0, 1],
    [2, 0, 2],
    [3, 0, 2],
    [4, 1, 3],
    [5, 1, 4],
    [6, 1, 4],
    [7, 2, 5],
    [10, 3, 7],
  ])('of %i verifiers bears %i faulty ones and takes %i', (n, faulty, most) => {
    expect(of(n)).toEqual({ n, faulty, some: faulty + 1, most })
  })

  it('shares an honest verifier with every other one, and is there without the faulty', () => {
    for (let n = 1; n <= 31; n++) {
      const { faulty, most } = of(n)
      expect(2 * most - n).toBeGreaterThan(faulty)
      expect(most).toBeLessThanOrEqual(n - faulty)
    }
  })
})
