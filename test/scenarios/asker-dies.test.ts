/**
 * The asker is killed with -9 after its broadcast; half of the times before it has answered any sync. The rest
 * conclude.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'
import { PeerProcess, type Seen } from './peer-process.ts'
import { TRIP } from './specialists.ts'
import { seed, seeded } from './village.ts'

const AGENTS = ['flights', 'hotels', 'guide']
/** `npm run repeat -- asker-dies` spreads the deaths over a median; for one of them one measure will do. */
const CALIBRATIONS = process.env.AMP_REPEAT === undefined ? 1 : 3

it(`[G6.asker] all survivors hold the same synthesis (seed ${seed})`, async () => {
  const random = seeded(seed)
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-asker-'))
  const running: PeerProcess[] = []
  onTestFinished(async () => {
    await Promise.all(running.map(each => each.stop()))
    await rm(dataDir, { recursive: true, force: true })
  })
  const start = async (name: string, agents: string[], deaf = false) => {
    const first = running[0]
    const process = await PeerProcess.start({ name, dataDir, join: first?.addresses ?? [], agents, deaf })
    running.push(process)
    return process
  }
  const first = await start('flights', ['flights'])
  await Promise.all(AGENTS.slice(1).map(name => start(name, [name])))
  const survivors = [...running]

  // how long the first offer takes here and now, from a peer that lives
  const calm = await start('calm', [])
  const times: number[] = []
  for (let i = 0; i < CALIBRATIONS; i++) {
    const from = calm.reports.length
    calm.ask(`${TRIP} (${i})`)
    times.push((await calm.happened('capability_match', from)).t)
    await calm.happened('done', from)
  }
  const median = times.sort((a, b) => a - b)[Math.floor(CALIBRATIONS / 2)] ?? 100
  await calm.stop()

  const deaf = seed % 2 === 0
  const asker = await start('asker', [], deaf)
  asker.ask(TRIP)
  const { space = '' } = await asker.happened('broadcast')
  const moment = random() * 2 * median
  const killAt = performance.now() + moment
  await until('the seeded moment', () => performance.now() >= killAt)
  await asker.kill()

  let seen: Seen[] = []
  await until(
    `one synthesis at all survivors (killed ${moment.toFixed(0)} ms after the broadcast, deaf: ${deaf})`,
    async () => {
      seen = await Promise.all(survivors.map(each => each.look(space)))
      const first = seen[0]?.synthesis
      return first !== undefined && seen.every(({ synthesis }) => synthesis === first)
    },
    45_000,
  )
  for (const { claims } of seen) expect(claims).toBeGreaterThan(0)
  expect(first.isRunning).toBe(true)
})
