/** A disk that loses what was not synced yet when its machine dies. */
import { MemoryStorage } from '@amp-mesh/context'
import type { Cancel, Clock, Random, Storage, StorageOp } from '@amp-mesh/protocol'

/** How long a write takes to reach the disk at most, ms. */
const SYNC_MS = 12

export class CrashingDisk implements Storage {
  readonly life = 0
  readonly #synced: MemoryStorage
  readonly #clock: Clock
  readonly #random: Random
  readonly #unsynced = new Set<{ ops: readonly StorageOp[]; cancel: Cancel; lose: (error: Error) => void }>()

  constructor(clock: Clock, random: Random, synced: MemoryStorage = new MemoryStorage()) {
    this.#clock = clock
    this.#random = random
    this.#synced = synced
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#synced.get(key)
  }

  range(from: string, to: string): AsyncIterable<[key: string, value: Uint8Array]> {
    return this.#synced.range(from, to)
  }

  write(ops: readonly StorageOp[]): Promise<void> {
    return new Promise((resolve, lose) => {
      const cancel = this.#clock.after(this.#random.float() * SYNC_MS, () => {
        this.#unsynced.delete(write)
        void this.#synced.write(ops).then(resolve)
      })
      const write = { ops, cancel, lose }
      this.#unsynced.add(write)
    })
  }

  /** What is found after the machine died: all that was synced, and by chance what was on its way. */
  async crash(): Promise<CrashingDisk> {
    for (const { ops, cancel, lose } of this.#unsynced) {
      cancel()
      if (this.#random.float() < 0.5) await this.#synced.write(ops)
      lose(new Error('the machine died'))
    }
    this.#unsynced.clear()
    return new CrashingDisk(this.#clock, this.#random, this.#synced)
  }

  async close(): Promise<void> {}
}
