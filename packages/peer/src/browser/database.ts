/** One IndexedDB database for each name: the keys of its peer, and the bytes its peer stores. */
import { AmpError } from '@amp-mesh/protocol'

/** Things a browser keeps as they are, CryptoKeys among them. */
export const KEYS = 'keys'
/** The store behind the `Storage` port. */
export const DATA = 'data'

const VERSION = 1

/** Opens or creates the database. Rejects with `damaged-store` where the browser gives none. */
export async function openDatabase(name: string): Promise<IDBDatabase> {
  try {
    const request = indexedDB.open(`amp-mesh/${name}`, VERSION)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(KEYS)
      request.result.createObjectStore(DATA)
    }
    const database = await resultOf(request)
    database.onversionchange = () => database.close()
    return database
  } catch (cause) {
    throw new AmpError(
      'damaged-store',
      'this browser keeps nothing for this page (a private window?): allow it to store data, or use another window',
      String(cause),
      cause,
    )
  }
}

/** A write that survives a crash of the machine, where the browser can promise that. */
export const writing = (database: IDBDatabase, store: string): IDBTransaction =>
  database.transaction(store, 'readwrite', { durability: 'strict' })

export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

export function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'))
  })
}
