/** A peer of another mesh: it is told so, gets nothing, and the mesh goes on. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composePeer } from '@amp-mesh/peer'
import { createPeer, nodeParts } from '@amp-mesh/peer/node'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'
import { flights } from './specialists.ts'
import { Village } from './village.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'amp-other-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

it('a peer that would join by address with another mesh pinned is refused with a clear error', async () => {
  const village = await Village.found()
  onTestFinished(() => village.close())
  const ada = await village.peer('ada', [flights])
  const dataDir = await folder()
  const stranger = await createPeer({ name: 'stranger', mesh: 'elsewhere', dataDir })
  await stranger.stop()
  const join = ada.addresses().slice(0, 1)
  await expect(createPeer({ name: 'stranger', mesh: 'elsewhere', dataDir, join })).rejects.toMatchObject({
    code: 'wrong-mesh',
    message: expect.stringContaining('--mesh'),
  })
})

it('[P4.mesh] a peer that connects all the same learns nothing and is hung up on', async () => {
  const village = await Village.found()
  onTestFinished(() => village.close())
  const ada = await village.peer('ada', [flights])
  const refusals: string[] = []
  const watching = (async () => {
    for await (const each of ada.inspect()) if (each.event === 'refused') refusals.push(each.code)
  })()

  const parts = await nodeParts({ name: 'mallory', mesh: 'elsewhere', dataDir: await folder() })
  const mallory = await composePeer(parts)
  onTestFinished(() => mallory.stop())
  const address = ada.addresses()[0] ?? ''
  await parts.network.connect(address)

  await until('the stranger is hung up on', () => parts.network.peers().length === 0, 30_000)
  expect(mallory.peers()).toEqual([])
  expect(ada.peers()).toEqual([])
  expect(refusals.every(code => code === 'wrong-mesh')).toBe(true)
  await village.close()
  await watching
})
