/** A data folder: one process at a time, whatever becomes of that process; and the key in it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folderName, identityOf, openDataFolder, seedFromFile, systemRandom } from '@amp-mesh/peer/node'
import { fromBase64url, fromUtf8, identityFromSeed, utf8, verifyPortable } from '@amp-mesh/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from './folder.ts'

const open = (root: string) => openDataFolder({ root, mesh: 'test', name: 'holder', random: systemRandom })

async function holder(root: string) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('folder-holder.ts', import.meta.url)), root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

describe('data folder', () => {
  it('is refused to a second process, by the number of the first, and free after kill -9', async () => {
    const root = await temporaryFolder()
    const child = await holder(root)
    await expect(open(root)).rejects.toMatchObject({
      code: 'folder-in-use',
      message: expect.stringContaining(`process ${child.pid} `),
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const folder = await open(root)
    expect(fromUtf8((await folder.storage.get('written by')) ?? utf8(''))).toBe(String(child.pid))
    await folder.close()
  })

  it('is refused twice in one process, and has the same key when opened again', async () => {
    const root = await temporaryFolder()
    const folder = await open(root)
    await expect(open(root)).rejects.toMatchObject({ code: 'folder-in-use' })
    await folder.close()
    const again = await open(root)
    expect(again.seed).toEqual(folder.seed)
    expect(again.path).toBe(join(root, 'test', 'holder'))
    await again.close()
  })

  it('has a name on every platform', () => {
    expect(['main', 'My mesh!', '..', '../../etc', ''].map(folderName)).toEqual([
      'main',
      'My_mesh_',
      '_.',
      '_._.._etc',
      '_',
    ])
  })
})

describe('key file', () => {
  it('is made once, readable by its owner only, even where it was open to others', async () => {
    const file = join(await temporaryFolder(), 'key')
    const [one, two] = await Promise.all([seedFromFile(file, systemRandom), seedFromFile(file, systemRandom)])
    expect(one).toHaveLength(32)
    expect(await readFile(file, 'utf8')).not.toBe('')
    await chmod(file, 0o644)
    expect(await seedFromFile(file, systemRandom)).toEqual(one)
    expect(two).toEqual(one)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('is never replaced when it is damaged', async () => {
    const file = join(await temporaryFolder(), 'key')
    for (const text of ['', 'short', '!'.repeat(43)]) {
      await writeFile(file, text)
      await expect(seedFromFile(file, systemRandom)).rejects.toMatchObject({ code: 'damaged-store' })
      expect(await readFile(file, 'utf8')).toBe(text)
    }
  })

  it('gives the identity that protocol derives, and the same signatures', async () => {
    const seed = systemRandom.bytes(32)
    const [ours, portable] = [identityOf(seed), identityFromSeed(seed)]
    expect([ours.peerId, ours.publicKey]).toEqual([portable.peerId, portable.publicKey])
    const signature = await ours.sign(utf8('entry'))
    expect(signature).toEqual(await portable.sign(utf8('entry')))
    expect(verifyPortable(signature, utf8('entry'), fromBase64url(ours.publicKey))).toBe(true)
  })
})
