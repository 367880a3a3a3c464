/**
 * `npm run chaos -- --seed N`: messages between peers in processes of their own, through kill -9, power cuts,
 * partitions and lost disks; an auditor says what was lost and what took effect twice. `--mutants`: each
 * wrong peer must fail it.
 */
import '../test/compile-cache.ts'
import { type ChaosInit, type ChaosResult, chaos } from '../test/chaos/chaos.ts'
import { MUTANTS, type Mutant } from '../test/chaos/mutants.ts'
import { commandLine } from './command-line.ts'

/** Messages a second below which a run shows nothing. */
const LEAST_PER_SECOND = 200
/** A wrong peer shows itself soon. */
const MUTANT_SIZE = { messages: 3_000, kills: 6, cuts: 0, partitions: 0, losses: 2, blackouts: 3, members: 3 } as const

const { values } = commandLine(import.meta.url, {
  seed: 1,
  messages: 100_000,
  kills: 100,
  cuts: 200,
  partitions: 20,
  losses: 5,
  blackouts: 5,
  mutants: false,
})
const say = (line: string) => void process.stdout.write(`${line}\n`)
const { seed } = values
say(`seed ${seed}`)
process.exit((values.mutants ? await mutants() : await whole()) ? 0 : 1)

async function whole(): Promise<boolean> {
  const { mutants: _, ...init } = values
  const result = await chaos({ ...init, say })
  tell(result)
  const isFast = result.perSecond >= LEAST_PER_SECOND
  if (!isFast) say(`invalid: below ${LEAST_PER_SECOND} messages a second`)
  return isFast && isWhole(result)
}

async function mutants(): Promise<boolean> {
  let isSeen = true
  for (const mutant of Object.keys(MUTANTS) as Mutant[]) {
    const init: ChaosInit = { ...MUTANT_SIZE, seed, mutant }
    const result = await chaos(init)
    say(`${mutant}: ${isWhole(result) ? 'NOT SEEN' : 'seen'}`)
    tell(result)
    isSeen &&= !isWhole(result)
  }
  return isSeen
}

function isWhole({ lost, twice }: ChaosResult): boolean {
  return lost.length === 0 && twice.length === 0
}

function tell({ acknowledged, effects, lost, twice, ms, perSecond }: ChaosResult): void {
  const seconds = Math.round(ms / 1_000)
  say(`${acknowledged} acknowledged in ${seconds} s: ${Math.round(perSecond)} a second, ${effects} effects`)
  say(`lost: ${lost.length} ${lost.slice(0, 5).join(' ')}`)
  say(`twice: ${twice.length} ${twice.slice(0, 5).join(' ')}`)
}
