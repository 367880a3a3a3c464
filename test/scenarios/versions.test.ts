/**
 * Peers of the version before and of this one: they answer together, whoever asks. `npm run repeat -- versions` runs
 * the real earlier version; what it says first is played from its bytes in `test/unit/peer/earlier-hello.test.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer } from '@amp-mesh/peer/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { PeerProcess, type PeerSetup } from './peer-process.ts'
import { BEFORE_STREAMS, ReleasedVersion, whyNoVersion } from './released-version.ts'
import { TRIP } from './specialists.ts'

const why = process.env.AMP_REPEAT === undefined ? 'npm run repeat -- versions' : whyNoVersion(BEFORE_STREAMS)
const OPTIONS = { budgetMs: 60_000 }

describe.skipIf(why !== undefined)(`the version before and this one${why === undefined ? '' : ` (${why})`}`, () => {
  let folder: string
  let before: ReleasedVersion
  const running: PeerProcess[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amp-versions-'))
    before = new ReleasedVersion(BEFORE_STREAMS)
  }, 120_000)
  afterAll(async () => {
    await Promise.all(running.map(each => each.stop()))
    before.remove()
    await rm(folder, { recursive: true, force: true })
  })

  const start = async (setup: Omit<PeerSetup, 'dataDir'>, version?: ReleasedVersion): Promise<PeerProcess> => {
    const dataDir = join(folder, version === undefined ? 'now' : 'before')
    const started = await PeerProcess.start({ ...setup, dataDir }, version?.file('test/scenarios/peer-main.ts'))
    running.push(started)
    return started
  }

  it('answer a question together, whichever of them asks', { timeout: 300_000 }, async () => {
    const old = await start({ name: 'old', join: [], agents: [] }, before)
    const join = old.addresses.slice(0, 1)
    const hotels = await start({ name: 'hotels', join, agents: ['hotels'] }, before)
    const flights = await start({ name: 'flights', join, agents: ['flights'] })
    const now = await start({ name: 'now', join, agents: [] })
    for (const asker of [old, now]) {
      asker.ask(TRIP, OPTIONS)
      const { space = '' } = await asker.happened('done')
      const records = asker.reports.filter(each => each.event === 'record' && each.space === space)
      const authors = new Set(records.map(each => (each.event === 'record' ? each.by : '')))
      expect(authors.size).toBeGreaterThanOrEqual(3)
      const { synthesis } = await asker.look(space)
      expect(synthesis).toBeDefined()
      for (const other of [hotels, flights])
        await until(
          'the same synthesis on both versions',
          async () => (await other.look(space)).synthesis === synthesis,
        )
    }
  })

  it('a closed mesh of this version and a peer of the one before are told apart in words', async () => {
    const club = await createPeer({ name: 'ada', mesh: 'village', dataDir: join(folder, 'club'), closed: true })
    const setup = { name: 'late', join: club.addresses().slice(0, 1), agents: [] }
    await expect(start(setup, before)).rejects.toThrow(/could not negotiate/)
    await club.stop()
  })
})
