/** A Storage in memory: for tests, simulations and peers that shall leave no trace. */
import type { Storage, StorageOp } from '@amp-mesh/protocol'

export class MemoryStorage implements Storage {
  readonly life = 0
  readonly #pairs = new Map<string, Uint8Array>()

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#pairs.get(key)?.slice()
  }

  async write(ops: readonly StorageOp[]): Promise<void> {
    for (const op of ops)
      if ('put' in op) this.#pairs.set(op.put, op.value.slice())
      else this.#pairs.delete(op.del)
  }

  async *range(from: string, to: string): AsyncIterable<[key: string, value: Uint8Array]> {
    const keys = [...this.#pairs.keys()].filter(key => from <= key && key < to).sort()
    for (const key of keys) {
      const value = this.#pairs.get(key)
      if (value !== undefined) yield [key, value.slice()]
    }
  }

  async close(): Promise<void> {}
}
