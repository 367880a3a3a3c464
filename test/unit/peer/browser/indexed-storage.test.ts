/** IndexedDB behind the storage port, in a real browser: each call of the suite travels into a page and back. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { fromBase64url, type Storage, toBase64url } from '@amp-mesh/protocol'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundledPage } from '../../../browser/bundle.ts'
import { chromiumPath, launchChromium, withChromium } from '../../../browser/chromium.ts'
import { type StorageUnderTest, storageCompliance } from '../../../compliance/storage.ts'
import type { StoragePage } from './storage-page/main.ts'

describe.skipIf(chromiumPath === undefined)(`in a browser${withChromium}`, () => {
  let browser: Browser
  let page: Page
  let close: () => void
  let databases = 0

  beforeAll(async () => {
    const server = createServer(await bundledPage(resolve(import.meta.dirname, 'storage-page')))
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    close = () => server.close()
    browser = await launchChromium()
    page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await page.waitForFunction(() => 'storage' in window)
  })
  afterAll(async () => {
    await browser?.close()
    close?.()
  })

  const call = <C extends keyof StoragePage>(name: C, ...args: Parameters<StoragePage[C]>) =>
    page.evaluate(
      ([called, given]) =>
        (window as Window & { storage?: Record<string, (...args: unknown[]) => unknown> }).storage?.[called]?.(
          ...given,
        ),
      [name, args] as [string, unknown[]],
    ) as ReturnType<StoragePage[C]>

  const opened = async (name: string): Promise<Storage> => {
    await call('open', name)
    return {
      life: 0,
      get: async key => {
        const value = await call('get', key)
        return value === undefined ? undefined : fromBase64url(value)
      },
      write: ops =>
        call(
          'write',
          ops.map(op => ('put' in op ? { put: op.put, value: toBase64url(op.value) } : op)),
        ),
      async *range(from, to) {
        for (const [key, value] of await call('range', from, to)) yield [key, fromBase64url(value)]
      },
      close: () => call('close'),
    }
  }
  const fresh = () => opened(`test-${++databases}`)
  const under: StorageUnderTest = { open: fresh, reopen: () => opened(`test-${databases}`) }
  storageCompliance('IndexedDB', under)

  it('sorts keys by UTF-16 code units, and reads more than a page of them', async () => {
    const storage = await fresh()
    const keys = [
      'a',
      'a!',
      'ab',
      'b',
      'é',
      '\uD83D\uDE00',
      '\uE000',
      ...Array.from({ length: 150 }, (_, n) => `k${n}`),
    ]
    await storage.write(keys.map(put => ({ put, value: new Uint8Array([1]) })))
    const found: string[] = []
    for await (const [key] of storage.range('', '\uFFFF')) found.push(key)
    expect(found).toEqual([...keys].sort())
    await storage.close()
  })
})
