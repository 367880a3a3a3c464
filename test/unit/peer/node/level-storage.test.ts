/** Level behind the storage port: order of keys, whole writes, and a store that is damaged or gone. */
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLevelStorage } from '@amp-mesh/peer/node'
import { type Storage, utf8 } from '@amp-mesh/protocol'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { storageCompliance } from '../../../compliance/storage.ts'
import { temporaryFolder } from './folder.ts'

async function closed(storage: Storage): Promise<Storage> {
  await storage.close()
  return storage
}

async function opened(folder: string) {
  const storage = await openLevelStorage(folder)
  onTestFinished(() => storage.close())
  return storage
}

describe('the port', () => {
  let folder = ''
  afterEach(() => rm(folder, { recursive: true, force: true }))
  storageCompliance('Level', {
    async open() {
      folder = await mkdtemp(join(tmpdir(), 'amp-level-'))
      return openLevelStorage(folder)
    },
    reopen: () => openLevelStorage(folder),
  })
})

describe('Level storage', () => {
  it('gives back what was written, also after it was closed', async () => {
    const folder = await temporaryFolder()
    const storage = await openLevelStorage(folder)
    await storage.write([
      { put: 'a', value: utf8('1') },
      { put: 'b', value: utf8('2') },
    ])
    await storage.write([{ del: 'a' }, { put: 'c', value: new Uint8Array() }])
    await storage.close()
    const again = await opened(folder)
    expect(await again.get('a')).toBeUndefined()
    expect(await again.get('b')).toEqual(utf8('2'))
    expect(await again.get('c')).toEqual(new Uint8Array())
  })

  it('sorts keys by UTF-16 code units, and ranges from the first to below the second', async () => {
    const storage = await opened(await temporaryFolder())
    const keys = ['', 'a', 'a!', 'ab', 'b', 'é', '\uD83D\uDE00', '\uE000', '\uFFFF']
    await storage.write([...keys].reverse().map(put => ({ put, value: utf8(put) })))
    const range = async (from: string, to: string) => {
      const found: string[] = []
      for await (const [key] of storage.range(from, to)) found.push(key)
      return found
    }
    expect(await range('', '\uFFFF')).toEqual([...keys].sort().slice(0, -1))
    expect(await range('a', 'b')).toEqual(['a', 'a!', 'ab'])
    expect(await range('b', 'a')).toEqual([])
  })

  it('keeps the order of writes made at once, each whole', async () => {
    const storage = await opened(await temporaryFolder())
    const writes = Array.from({ length: 200 }, (_, n) =>
      storage.write([
        { put: 'last', value: utf8(String(n)) },
        { put: `n${n}`, value: utf8('x') },
      ]),
    )
    await Promise.all(writes)
    expect(await storage.get('last')).toEqual(utf8('199'))
    let count = 0
    for await (const _pair of storage.range('n', 'o')) count += 1
    expect(count).toBe(200)
  })

  it('rejects a write after its end, and lets none hang', async () => {
    const storage = await openLevelStorage(await temporaryFolder())
    const pending = storage.write([{ put: 'a', value: utf8('1') }])
    await storage.close()
    await pending
    await expect(storage.write([{ put: 'b', value: utf8('2') }])).rejects.toBeInstanceOf(Error)
  })

  it.each(['store', 'store/CURRENT'])('is refused when %s has vanished, instead of starting anew', async part => {
    const folder = await temporaryFolder()
    await (await openLevelStorage(folder)).close()
    await rm(join(folder, part), { recursive: true })
    await expect(openLevelStorage(folder)).rejects.toMatchObject({
      code: 'damaged-store',
      message: expect.stringContaining('with --repair'),
    })
  })

  it('is refused when its manifest is garbage', async () => {
    const folder = await temporaryFolder()
    await (await openLevelStorage(folder)).close()
    await writeFile(join(folder, 'store/CURRENT'), 'garbage')
    await expect(openLevelStorage(folder)).rejects.toMatchObject({ code: 'damaged-store' })
  })

  it('is refused when one of its tables was emptied', async () => {
    const folder = await temporaryFolder()
    const storage = await openLevelStorage(folder)
    await storage.write([{ put: 'a', value: utf8('1') }])
    await storage.close()
    await (await openLevelStorage(folder)).close() // Level makes a table of its log
    const tables = (await readdir(join(folder, 'store'))).filter(name => name.endsWith('.ldb'))
    expect(tables.length).toBeGreaterThan(0)
    for (const table of tables) await truncate(join(folder, 'store', table), 0)
    await expect(openLevelStorage(folder)).rejects.toMatchObject({ code: 'damaged-store' })
  })

  it('is refused when it lost its last commits, and opens with repair, in a new life', async () => {
    const folder = await temporaryFolder()
    const storage = await openLevelStorage(folder)
    await storage.write([{ put: 'a', value: utf8('1') }])
    await storage.write([{ put: 'b', value: utf8('2') }])
    expect(storage.life).toBe(0)
    await storage.close()
    const [log = ''] = (await readdir(join(folder, 'store'))).filter(name => name.endsWith('.log'))
    await truncate(join(folder, 'store', log), 40) // Level takes it for a log that was just begun
    await expect(openLevelStorage(folder)).rejects.toMatchObject({ code: 'damaged-store' })
    const repaired = await openLevelStorage(folder, { repair: true })
    expect(repaired.life).toBe(1)
    expect(await repaired.get('b')).toBeUndefined()
    await repaired.write([{ put: 'b', value: utf8('3') }])
    await repaired.close()
    const again = await opened(folder)
    expect(again.life).toBe(1)
    expect(await again.get('b')).toEqual(utf8('3'))
  })

  it.each(['store', 'store/CURRENT'])('opens with repair what has lost %s', async part => {
    const folder = await temporaryFolder()
    await (await openLevelStorage(folder)).close()
    await rm(join(folder, part), { recursive: true })
    expect((await openLevelStorage(folder, { repair: true }).then(closed)).life).toBe(1)
    expect((await opened(folder)).life).toBe(1)
  })
})
