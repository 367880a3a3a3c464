/** The registry of peers on this machine: who is alive is listed, who is not is removed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localPeers, registerLocalPeer } from '@amp-mesh/peer/node'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './folder.ts'

const address = '/ip4/127.0.0.1/tcp/1/ws/p2p/a'

describe('local peers', () => {
  it('are found by mesh, the latest first, until they leave', async () => {
    const root = await temporaryFolder()
    const leave = await registerLocalPeer({ mesh: 'One mesh', peer: 'a', addresses: [address] }, root)
    await registerLocalPeer({ mesh: 'other', peer: 'b', addresses: [] }, root)
    const found = await localPeers(root)
    expect(found.map(({ mesh, peer }) => [mesh, peer]).sort()).toEqual([
      ['One mesh', 'a'],
      ['other', 'b'],
    ])
    expect(found).toEqual([...found].sort((x, y) => y.started - x.started))
    expect(found.find(({ peer }) => peer === 'a')).toMatchObject({ addresses: [address], pid: process.pid })
    await leave()
    expect((await localPeers(root)).map(({ peer }) => peer)).toEqual(['b'])
  })

  it('whose process has ended, whose machine was restarted, or whose file is garbage are removed', async () => {
    const root = await temporaryFolder()
    await registerLocalPeer({ mesh: 'm', peer: 'alive', addresses: [address] }, root)
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
    await once(child, 'exit')
    const folder = join(root, 'm', '.peers')
    const entry = { mesh: 'm', peer: 'x', addresses: [address], pid: process.pid, started: Date.now() }
    const files: Record<string, unknown> = {
      dead: { ...entry, pid: child.pid },
      before: { ...entry, started: 1 },
      group: { ...entry, pid: 0 },
      shape: { ...entry, addresses: 'many' },
      nothing: null,
    }
    for (const [name, content] of Object.entries(files))
      await writeFile(join(folder, `${name}.json`), JSON.stringify(content))
    await writeFile(join(folder, 'garbage.json'), '{')
    expect((await localPeers(root)).map(({ peer }) => peer)).toEqual(['alive'])
    expect(await readdir(folder)).toEqual(['alive.json'])
  })

  it('are none where nothing ever ran', async () => {
    expect(await localPeers(join(await temporaryFolder(), 'missing'))).toEqual([])
  })
})
