/** Writes that come while others are being made durable share the next commit: one fsync for many. */
import type { StorageOp } from '@amp-mesh/protocol'

interface Write {
  ops: readonly StorageOp[]
  resolve: () => void
  reject: (error: unknown) => void
}

export class GroupCommit {
  readonly #commit: (ops: readonly StorageOp[]) => Promise<void>
  #waiting: Write[] = []
  #flushing: Promise<void> | undefined

  /** `commit` makes all operations durable, or none. */
  constructor(commit: (ops: readonly StorageOp[]) => Promise<void>) {
    this.#commit = commit
  }

  /** Resolves when the operations are durable. */
  write(ops: readonly StorageOp[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ops, resolve, reject })
      this.#flushing ??= this.#flush()
    })
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#flushing
  }

  async #flush(): Promise<void> {
    await Promise.resolve() // writes of the same turn belong together
    while (this.#waiting.length > 0) {
      const writes = this.#waiting
      this.#waiting = []
      try {
        await this.#commit(writes.flatMap(({ ops }) => ops))
        for (const write of writes) write.resolve()
      } catch (error) {
        for (const write of writes) write.reject(error)
      }
    }
    this.#flushing = undefined
  }
}
