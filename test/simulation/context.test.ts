/**
 * Random histories of a space: order, loss, repetition, partitions, crashes, forks, liars. More of them, or one again:
 * npm run sim:context -- --seeds 2000 [--seed S].
 */
import { describe, expect, it } from 'vitest'
import { type Trial, trial } from './context/trial.ts'

const SEEDS = 200
/** Short ones: there are many. */
const DEEDS = 12
/** Among so many histories with one liar more than a quorum bears, the harness must find something broken. */
const CONTROLS = 80

describe('[G3.histories] members of a space', () => {
  it(`end alike and lose nothing that was promised (${SEEDS} histories)`, { timeout: 400_000 }, async () => {
    const trials: Trial[] = []
    for (let seed = 1; seed <= SEEDS; seed++) trials.push(await trial({ seed, deeds: DEEDS }))
    const broken = trials.filter(({ violations }) => violations.length > 0)
    const repeat = `npm run sim:context -- --seeds 1 --deeds ${DEEDS} --seed ${broken[0]?.seed}`
    expect(
      broken.map(({ seed, violations }) => ({ seed, violations })),
      repeat,
    ).toEqual([])
    // histories without these would prove nothing
    const seen = (what: keyof Trial['seen']) => trials.reduce((sum, each) => sum + each.seen[what], 0)
    for (const what of ['forks', 'adopted', 'crashes', 'partitions', 'relied'] as const)
      expect(seen(what), what).toBeGreaterThan(SEEDS / 4)
    for (const what of ['erased', 'pruned', 'finals'] as const) expect(seen(what), what).toBeGreaterThan(SEEDS / 20)
  })

  it('do not, where more verifiers lie than a quorum bears', async () => {
    for (let seed = 1; seed <= CONTROLS; seed++)
      if ((await trial({ seed, liars: 'one-more' })).violations.length > 0) return
    expect.fail('too many lied, and the harness saw nothing')
  })
})
