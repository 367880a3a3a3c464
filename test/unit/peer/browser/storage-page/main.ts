/** IndexedStorage for tests outside the page: bytes go in and out as base64url. */
import { IndexedStorage, openDatabase } from '@amp-mesh/peer/browser'
import { fromBase64url, toBase64url } from '@amp-mesh/protocol'

type TextOp = { put: string; value: string } | { del: string }

let database: IDBDatabase | undefined
let opened: IndexedStorage | undefined
const current = (): IndexedStorage => {
  if (opened === undefined) throw new Error('no storage is open')
  return opened
}

const storagePage = {
  async open(name: string): Promise<void> {
    database = await openDatabase(name)
    opened = new IndexedStorage(database, 'prefix/')
  },
  async get(key: string): Promise<string | undefined> {
    const value = await current().get(key)
    return value && toBase64url(value)
  },
  write(ops: readonly TextOp[]): Promise<void> {
    return current().write(ops.map(op => ('put' in op ? { put: op.put, value: fromBase64url(op.value) } : op)))
  },
  async range(from: string, to: string): Promise<[key: string, value: string][]> {
    const pairs: [string, string][] = []
    for await (const [key, value] of current().range(from, to)) pairs.push([key, toBase64url(value)])
    return pairs
  },
  async close(): Promise<void> {
    await current().close()
    database?.close()
  },
}

export type StoragePage = typeof storagePage
Object.assign(window, { storage: storagePage })
