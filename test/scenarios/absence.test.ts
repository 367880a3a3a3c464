/**
 * A peer that is killed, stopped for a while, or says goodbye, as another sees it: real processes and the product's own
 * times. The long outages are in `npm run outages`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PeerInfo } from '@amp-mesh/peer'
import { createPeer } from '@amp-mesh/peer/node'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'
import { PeerProcess } from './peer-process.ts'

/** Real times of FAILURE_DETECTION, and the scheduling of a busy machine. */
const SUSPECTED_MS = 5_000
const REJOINED_MS = 5_000

it('[G6.absence] killed or stopped is suspected within 5 s, who comes back is back, who leaves is gone', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-absence-'))
  // the silence after which a connection is cut is shortened, so that this story sees it within seconds
  const failureDetection = { deadMs: 4_000 }
  const watcher = await createPeer({ name: 'watcher', mesh: 'village', dataDir, failureDetection })
  const started: PeerProcess[] = []
  onTestFinished(async () => {
    await Promise.all([watcher.stop(), ...started.map(each => each.kill())])
    await rm(dataDir, { recursive: true, force: true })
  })
  for (const name of ['flights', 'hotels', 'guide'])
    started.push(await PeerProcess.start({ name, dataDir, join: watcher.addresses().slice(0, 1), agents: [name] }))
  const [killed, stopped, leaving] = started as [PeerProcess, PeerProcess, PeerProcess]
  const seen = ({ peerId }: PeerProcess): Partial<PeerInfo> => watcher.peers().find(({ id }) => id === peerId) ?? {}
  await until('all of them are here', () => started.every(each => seen(each).state === 'reachable'))

  const killedAt = performance.now()
  await Promise.all([killed.kill(), leaving.stop()])
  stopped.signal('SIGSTOP')
  await until('the killed one is suspected', () => seen(killed).state === 'suspected')
  expect(seen(killed).why).toBe('unreachable')
  await until('the stopped one is suspected', () => seen(stopped).state === 'suspected')
  expect(performance.now() - killedAt).toBeLessThan(SUSPECTED_MS)
  expect(seen(stopped).why).toBe('silent')
  expect(seen(leaving)).toMatchObject({ state: 'gone', why: 'left' })

  await until('its connection is cut', () => seen(stopped).transport === undefined)
  stopped.signal('SIGCONT')
  const continuedAt = performance.now()
  await until('it is back', () => seen(stopped).state === 'reachable')
  expect(performance.now() - continuedAt).toBeLessThan(REJOINED_MS)
})
