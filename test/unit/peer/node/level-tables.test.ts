/** Tables that Level itself wrote, whole and with bytes changed. */
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openLevelStorage } from '@amp-mesh/peer/node'
import { utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { damagedTables, isWhole } from '../../../../packages/peer/src/node/level-tables.ts'
import { temporaryFolder } from './folder.ts'

/** A store of some tables: Level makes one of what it finds in its log at each start. */
async function stored(): Promise<{ folder: string; store: string; tables: string[] }> {
  const folder = await temporaryFolder()
  for (let session = 0; session < 3; session++) {
    const storage = await openLevelStorage(folder)
    for (let n = 0; n < 40; n++)
      await storage.write([{ put: `${session}/${n}`, value: new Uint8Array(400).fill(n + 1) }])
    await storage.close()
  }
  const store = join(folder, 'store')
  const tables = (await readdir(store)).filter(name => name.endsWith('.ldb'))
  return { folder, store, tables }
}

describe('the tables of Level', () => {
  it('are whole as Level wrote them', async () => {
    const { store, tables } = await stored()
    expect(tables.length).toBeGreaterThan(0)
    expect(await damagedTables(store)).toEqual([])
  })

  it('are damaged wherever one bit of theirs is another, and wherever they end too soon', async () => {
    const { store, tables } = await stored()
    const table = await readFile(join(store, tables[0] ?? ''))
    // the footer is filled up with bytes that say nothing
    const told = Array.from({ length: table.length }, (_, at) => at).filter(
      at => at % 41 === 0 && !isFilling(table, at),
    )
    const unnoticed = told.filter(at => {
      const changed = Buffer.from(table)
      changed[at] = (changed[at] as number) ^ (1 << (at % 8))
      return isWhole(changed)
    })
    expect(unnoticed).toEqual([])
    expect(told.filter(at => isWhole(table.subarray(0, at)))).toEqual([])
    expect(isWhole(Buffer.alloc(table.length))).toBe(false)
  })

  it('that are damaged are put aside by repair, and what the others hold is kept', async () => {
    const { folder, store, tables } = await stored()
    const victim = join(store, tables[0] ?? '')
    const file = await open(victim, 'r+')
    await file.write(Uint8Array.of(0xff, 0xfe), 0, 2, 100)
    await file.close()
    await expect(openLevelStorage(folder)).rejects.toMatchObject({ code: 'damaged-store' })
    const repaired = await openLevelStorage(folder, { repair: true })
    await repaired.write([{ put: 'goes on', value: utf8('yes') }])
    expect(await repaired.get('2/39')).toEqual(new Uint8Array(400).fill(40))
    await repaired.close()
    expect(await readdir(join(folder, 'store-damaged'))).toEqual([tables[0]])
  })

  it('of a store that is in use are nobody else’s to judge', async () => {
    const { folder, store, tables } = await stored()
    const storage = await openLevelStorage(folder)
    await rm(join(store, tables[0] ?? ''))
    const half = await open(join(store, '999999.ldb'), 'w')
    await half.write('half written')
    await half.close()
    await expect(openLevelStorage(folder)).rejects.toMatchObject({ code: 'folder-in-use' })
    await storage.close()
  })
})

/** The last 48 bytes: two places, zeros, and 8 bytes of a number. */
const isFilling = (table: Buffer, at: number): boolean => at >= table.length - 48 && at < table.length - 8
