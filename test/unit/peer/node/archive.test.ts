/** Reading what peers keep: from their folders while they are away, through their door while they run. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { auditStored } from '@amp-mesh/context/history'
import { type ArchivePlace, archivePlaces, createPeer, openArchive, opensslVerify } from '@amp-mesh/peer/node'
import type { SpaceId } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { temporaryFolder } from './folder.ts'

async function read(place: ArchivePlace | undefined, id: SpaceId) {
  const archive = await openArchive(place as ArchivePlace)
  try {
    expect((await archive.spaces()).map(space => space.id)).toContain(id)
    const stored = await archive.read(id)
    const { findings, ledger } = auditStored(id, stored, {
      self: archive.identity,
      verify: opensslVerify(),
    })
    return { isRunning: archive.isRunning, findings, said: [...(ledger?.records() ?? [])].map(({ op }) => op?.k) }
  } finally {
    await archive.close()
  }
}

it('gives the same of a running peer and of its folder afterwards, and makes no folders of its own', async () => {
  const root = await temporaryFolder()
  const peer = await createPeer({ name: 'one', mesh: 'home', dataDir: root })
  const { id, replica } = await peer.createSpace({ name: 'notes', members: [] })
  await replica.append([{ k: 'hyp', text: 'it will rain' }])
  const places = await archivePlaces({ root })
  expect(places).toEqual([{ mesh: 'home', name: 'one', path: join(root, 'home', 'one') }])
  const alive = await read(places[0], id)
  await peer.stop()
  const stored = await read(places[0], id)
  expect(alive).toEqual({ isRunning: true, findings: [], said: ['hyp'] })
  expect(stored).toEqual({ ...alive, isRunning: false })
  expect(await archivePlaces({ root, mesh: 'home', name: 'two' })).toEqual([])
  expect(await archivePlaces({ root: join(root, 'nowhere') })).toEqual([])
})

it('opens the door to the owner of the folder alone, and only for reading', async () => {
  const root = await temporaryFolder()
  const peer = await createPeer({ name: 'one', mesh: 'home', dataDir: root })
  const file = join(root, 'home', 'one', 'door')
  const { url, token } = JSON.parse(await readFile(file, 'utf8'))
  const knock = async (headers: Record<string, string>, method = 'GET') =>
    (await fetch(`${url}?from=a&to=b`, { headers, method })).status
  const authorization = `Bearer ${token}`
  expect(await knock({ authorization })).toBe(200)
  expect(await knock({})).toBe(401)
  expect(await knock({ authorization: `Bearer ${'x'.repeat(22)}` })).toBe(401)
  expect(await knock({ authorization, origin: url })).toBe(401)
  expect(await knock({ authorization }, 'POST')).toBe(405)
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o077).toBe(0)
  const archive = await openArchive({ mesh: 'home', name: 'one', path: join(root, 'home', 'one') })
  await expect(archive.storage.write([])).rejects.toMatchObject({ code: 'not-allowed' })
  await peer.stop()
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(archive.spaces()).rejects.toMatchObject({ code: 'unreachable' })
})
