/**
 * The coordinator is killed with -9 when all have settled and before it writes its synthesis: the next one writes it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { converged, coordinators } from '@amp-mesh/context'
import { createPeer } from '@amp-mesh/peer/node'
import { peerIdOf } from '@amp-mesh/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'
import { PeerProcess } from './peer-process.ts'
import { TRIP } from './specialists.ts'
import { said, spaceOf } from './village.ts'

it('[G6.coordinator] the coordinator dies before its synthesis, and the next by the same rule writes it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-coordinator-'))
  const asker = await createPeer({ name: 'asker', mesh: 'village', dataDir })
  const agents = await Promise.all(
    ['flights', 'hotels', 'guide'].map(name =>
      PeerProcess.start({ name, dataDir, join: asker.addresses().slice(0, 1), agents: [name] }),
    ),
  )
  onTestFinished(async () => {
    await Promise.all([asker.stop(), ...agents.map(each => each.stop())])
    await rm(dataDir, { recursive: true, force: true })
  })
  await until('three agents known', () => asker.peers().flatMap(each => each.agents).length === 3)

  // a long offer window: everybody has settled before anybody may conclude
  const asking = asker.ask(TRIP, { offerWindowMs: 6_000, budgetMs: 60_000 })
  const id = await asking.space
  const space = spaceOf(asker, id)
  await until(
    'all have offered and settled',
    () => said(asker, id, 'capability_match').length === 3 && converged(space.replica.records, new Set()),
  )
  const [coordinator, next] = coordinators(space.replica.records, space.genesis).map(({ author }) => peerIdOf(author))
  expect(said(asker, id, 'synthesis')).toEqual([])
  await agents.find(({ peerId }) => peerId === coordinator)?.kill()

  const answer = await asking.answer
  expect(answer.outcome).toBe('concluded')
  expect(peerIdOf(answer.synthesis?.by ?? '')).toBe(next)
  expect(answer.synthesis?.op.claims.length).toBeGreaterThan(0)
})
