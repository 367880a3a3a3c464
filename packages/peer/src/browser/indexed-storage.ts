/**
 * The `Storage` port on IndexedDB. Its text keys sort by UTF-16 code units, as the port wants them; every write is one
 * transaction with strict durability.
 */
import type { Storage, StorageOp } from '@amp-mesh/protocol'
import { GroupCommit } from '../group-commit.ts'
import { committed, DATA, resultOf, writing } from './database.ts'

/** Pairs read at once: a cursor would cost a turn of the event loop each, and all at once may not fit. */
const PAGE = 64

export class IndexedStorage implements Storage {
  readonly life = 0
  readonly #database: IDBDatabase
  readonly #prefix: string
  readonly #commit: GroupCommit

  /** `prefix` keeps what is stored apart from others in the same database. */
  constructor(database: IDBDatabase, prefix: string) {
    this.#database = database
    this.#prefix = prefix
    this.#commit = new GroupCommit(ops => this.#write(ops))
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return resultOf<Uint8Array | undefined>(this.#reading().get(this.#prefix + key))
  }

  write(ops: readonly StorageOp[]): Promise<void> {
    return this.#commit.write(ops)
  }

  async *range(from: string, to: string): AsyncIterable<[key: string, value: Uint8Array]> {
    let start = this.#prefix + from
    const end = this.#prefix + to
    for (let after = false; start < end; after = true) {
      const range = IDBKeyRange.bound(start, end, after, true)
      const store = this.#reading()
      const [keys, values] = await Promise.all([
        resultOf(store.getAllKeys(range, PAGE)),
        resultOf<Uint8Array[]>(store.getAll(range, PAGE)),
      ])
      for (const [i, value] of values.entries()) yield [String(keys[i]).slice(this.#prefix.length), value]
      if (keys.length < PAGE) return
      start = String(keys.at(-1))
    }
  }

  /** The database stays open: it is its opener's. */
  async close(): Promise<void> {
    await this.#commit.settled()
  }

  #reading(): IDBObjectStore {
    return this.#database.transaction(DATA, 'readonly').objectStore(DATA)
  }

  async #write(ops: readonly StorageOp[]): Promise<void> {
    const transaction = writing(this.#database, DATA)
    const store = transaction.objectStore(DATA)
    const done = committed(transaction)
    for (const op of ops) {
      // a copy: a view would be stored with all the buffer it looks at
      if ('put' in op) store.put(op.value.slice(), this.#prefix + op.put)
      else store.delete(this.#prefix + op.del)
    }
    transaction.commit()
    await done
  }
}
