/** What every Storage must do: run `storageCompliance` on each adapter. */
import type { Storage } from '@amp-mesh/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

export interface StorageUnderTest {
  /** A fresh, empty storage. */
  open(): Promise<Storage>
  /** Opens again what was open before; undefined for storages that forget. Called after `close`. */
  reopen?(): Promise<Storage>
}

const value = (text: string) => new TextEncoder().encode(text)
const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes)

async function pairs(storage: Storage, from: string, to: string): Promise<string[]> {
  const found: string[] = []
  for await (const [key, bytes] of storage.range(from, to)) found.push(`${key}=${text(bytes)}`)
  return found
}

export function storageCompliance(name: string, under: StorageUnderTest): void {
  describe(`${name} is a Storage`, () => {
    let storage: Storage
    beforeEach(async () => {
      storage = await under.open()
    })
    afterEach(() => storage.close())

    it('gives back what was put, and nothing for what was not', async () => {
      await storage.write([
        { put: 'a', value: value('1') },
        { put: 'empty', value: new Uint8Array() },
      ])
      expect(text(await storage.get('a'))).toBe('1')
      expect((await storage.get('empty'))?.length).toBe(0)
      expect(await storage.get('b')).toBeUndefined()
    })

    it('applies the operations of one write in order', async () => {
      await storage.write([{ put: 'a', value: value('1') }])
      await storage.write([
        { put: 'a', value: value('2') },
        { put: 'b', value: value('1') },
        { del: 'b' },
        { del: 'never there' },
      ])
      expect(await pairs(storage, 'a', 'z')).toEqual(['a=2'])
    })

    it('ranges over [from, to) in order of keys', async () => {
      const keys = ['b', 'a/2', 'a/10', 'a', 'a/', 'a0', 'ä', 'c']
      await storage.write(keys.map(key => ({ put: key, value: value('x') })))
      expect(await pairs(storage, 'a', 'c')).toEqual(['a', 'a/', 'a/10', 'a/2', 'a0', 'b'].map(key => `${key}=x`))
      expect(await pairs(storage, 'a/', 'a0')).toEqual(['a/=x', 'a/10=x', 'a/2=x'])
      expect(await pairs(storage, 'x', 'a')).toEqual([])
    })

    it('lets a range be left early', async () => {
      await storage.write(['a', 'b', 'c'].map(key => ({ put: key, value: value(key) })))
      for await (const [key] of storage.range('a', 'z')) {
        expect(key).toBe('a')
        break
      }
      expect(await pairs(storage, 'b', 'z')).toEqual(['b=b', 'c=c'])
    })

    it('keeps bytes of its own: what callers do to theirs afterwards does not matter', async () => {
      const mine = value('one')
      await storage.write([{ put: 'a', value: mine }])
      mine.fill(0)
      const theirs = await storage.get('a')
      theirs?.fill(0)
      expect(text(await storage.get('a'))).toBe('one')
    })

    it('takes concurrent writes, the later one winning', async () => {
      await Promise.all(Array.from({ length: 50 }, (_, n) => storage.write([{ put: 'a', value: value(`${n}`) }])))
      expect(text(await storage.get('a'))).toBe('49')
    })

    it('holds values of a megabyte', async () => {
      const large = new Uint8Array(1024 * 1024).map((_, i) => i & 255)
      await storage.write([{ put: 'large', value: large }])
      expect(Buffer.from((await storage.get('large')) ?? []).equals(large)).toBe(true)
    })

    const { reopen } = under
    if (reopen !== undefined)
      it('has everything again after it was closed', async () => {
        await storage.write([{ put: 'a', value: value('1') }])
        await storage.close()
        storage = await reopen()
        expect(text(await storage.get('a'))).toBe('1')
      })
  })
}
