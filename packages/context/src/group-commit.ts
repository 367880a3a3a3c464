/** A Storage whose concurrent writes share one fsync: an fsync costs some 5 ms, whatever it carries (RELIABILITY.md §3.2). */
import type { Storage, StorageOp } from '@amp-mesh/protocol'

interface Waiting {
  readonly ops: readonly StorageOp[]
  resolve(): void
  reject(reason: unknown): void
}

/** Wrap a storage once, and hand the wrapper to all spaces. Writes keep their order; each stays all or nothing. */
export class GroupCommit implements Storage {
  readonly #storage: Storage
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined

  constructor(storage: Storage) {
    this.#storage = storage
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#storage.get(key)
  }

  range(from: string, to: string): AsyncIterable<[key: string, value: Uint8Array]> {
    return this.#storage.range(from, to)
  }

  write(ops: readonly StorageOp[]): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ ops, resolve, reject })
    })
    this.#writing ??= this.#writeAll()
    return written
  }

  /** Closes the storage once what was written before is durable. */
  async close(): Promise<void> {
    await this.#writing
    await this.#storage.close()
  }

  /** While one write is on its way, the next ones gather. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#storage.write(group.flatMap(each => each.ops))
        for (const each of group) each.resolve()
      } catch (error) {
        for (const each of group) each.reject(error)
      }
    }
    this.#writing = undefined
  }
}
