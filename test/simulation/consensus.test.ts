/**
 * Finality among liars: S1 to S4 of CONTEXT.md §12 hold with f faulty verifiers of n, and break with f+1. Repeat one:
 * SEED=<seed> TRIALS=1 npx vitest run test/simulation/consensus.test.ts
 */
import { expect, it } from 'vitest'
import { decideTogether, type Trial } from './consensus.ts'
import { SeededRandom } from './space.ts'

const FIRST_SEED = Number(process.env.SEED ?? 1)
/** For each number of verifiers. */
const TRIALS = Number(process.env.TRIALS ?? 2)
const SIZES = [4, 5, 7]
const FILE = 'test/simulation/consensus.test.ts'

const faultyOf = (n: number) => Math.floor((n - 1) / 3)

async function trials(n: number, faulty: number): Promise<{ seed: number; trial: Trial }[]> {
  const made = []
  for (let seed = FIRST_SEED; seed < FIRST_SEED + TRIALS; seed++)
    made.push({ seed, trial: await decideTogether(new SeededRandom(seed * 1_000 + n), n, faulty) })
  return made
}

const sum = (made: readonly { trial: Trial }[], of: (trial: Trial) => number) =>
  made.reduce((total, { trial }) => total + of(trial), 0)

it(`[G5.final] decisions hold with f faulty verifiers (${TRIALS * SIZES.length} trials)`, async () => {
  const all = []
  for (const n of SIZES) {
    const made = await trials(n, faultyOf(n))
    for (const { seed, trial } of made)
      expect(trial.violations, `repeat: SEED=${seed} TRIALS=1 npx vitest run ${FILE}`).toEqual([])
    all.push(...made)
  }
  const seen = {
    slots: sum(all, ({ slots }) => slots),
    decided: sum(all, ({ decided }) => decided),
    stuck: sum(all, ({ stuck }) => stuck),
    forks: sum(all, ({ forks }) => forks),
    later: sum(all, ({ later }) => later),
  }
  if (process.env.TRIALS) console.info(seen)
  // a run in which nothing is decided, or nobody lies, would prove nothing
  if (TRIALS >= 2) for (const each of [seen.decided, seen.forks]) expect(each, JSON.stringify(seen)).toBeGreaterThan(4)
})

it('[G5.control] the control: with f+1 faulty verifiers the same trials find violations', async () => {
  const made = (await Promise.all(SIZES.map(n => trials(n, faultyOf(n) + 1)))).flat()
  const found = made.flatMap(({ trial }) => trial.violations)
  if (process.env.TRIALS)
    console.info(`control: ${found.length} violations`, new Set(found.map(each => each.slice(0, 20))))
  if (TRIALS >= 2) expect(found.length).toBeGreaterThan(0)
})
