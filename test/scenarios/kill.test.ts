/** Any one process is killed with -9 in mid-collaboration and started again with its folder: nothing is lost. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'
import { PeerProcess } from './peer-process.ts'
import { TRIP } from './specialists.ts'
import { seed, seeded } from './village.ts'

const NAMES = ['flights', 'hotels', 'guide', 'asker']
/** A demo with these agents is over by then, ms: the kill falls anywhere between the broadcast and the conclusion. */
const LENGTH_MS = 1_500

it(`[G3.restart] a killed process comes back with all it had acknowledged (seed ${seed})`, async () => {
  const random = seeded(seed)
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-kill-'))
  const started: PeerProcess[] = []
  onTestFinished(async () => {
    await Promise.all(started.map(each => each.stop()))
    await rm(dataDir, { recursive: true, force: true })
  })
  const start = async (name: string, join: string[]) => {
    const process = await PeerProcess.start({ name, dataDir, join, agents: name === 'asker' ? [] : [name] })
    started.push(process)
    return process
  }
  const first = await start('flights', [])
  const others = await Promise.all(NAMES.slice(1).map(name => start(name, first.addresses)))
  const asker = others.find(({ setup }) => setup.name === 'asker') as PeerProcess
  const victim = started[Math.floor(random() * started.length)] as PeerProcess

  // who has not heard of a question when it dies is told of it only while the question is open
  await asker.meets(NAMES.length - 1)
  asker.ask(TRIP)
  const { space = '' } = await asker.happened('broadcast')
  const killAt = performance.now() + random() * LENGTH_MS
  await until('the seeded moment', () => performance.now() >= killAt)
  await victim.kill()
  const survivors = started.filter(each => each !== victim)
  const again = await start(victim.setup.name, survivors[0]?.addresses ?? [])
  expect(again.peerId).toBe(victim.peerId)

  // whatever was durable at the victim, or had reached anybody, is there again
  const seenBy = ({ reports }: PeerProcess) =>
    reports.flatMap(each => (each.event === 'record' && each.space === space ? [each.id] : []))
  const witnessed = () => new Set(started.flatMap(seenBy))
  await until(
    `${victim.setup.name} holds all records anybody saw`,
    async () => {
      const held = new Set((await again.look(space)).records)
      return held.size > 0 && [...witnessed()].every(id => held.has(id))
    },
    30_000,
  )
  await until(
    'all of them conclude alike',
    async () => {
      const seen = await Promise.all([...survivors, again].map(each => each.look(space)))
      return seen[0]?.synthesis !== undefined && seen.every(({ synthesis }) => synthesis === seen[0]?.synthesis)
    },
    45_000,
  )
})
