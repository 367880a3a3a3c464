/** A bounded queue between who tells and who listens: pushed synchronously, read as an async iterable. */

/** What one listener reads until it leaves or `signal` aborts, be it before it reads: then `stop`, to end `queue`. */
export function listening<T>(queue: EventQueue<T>, stop: () => void, signal?: AbortSignal): AsyncIterable<T> {
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* queue
      } finally {
        stop()
        signal?.removeEventListener('abort', stop)
      }
    },
  }
}

export class EventQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number
  readonly #onOverflow: ((missed: number) => T) | undefined
  #items: T[] = []
  #missed = 0
  #ended = false
  #failure: unknown
  #wake: (() => void) | undefined

  /** Beyond `capacity` unread items the oldest go; `onOverflow` makes the item that tells how many. */
  constructor(capacity: number, onOverflow?: (missed: number) => T) {
    this.#capacity = capacity
    this.#onOverflow = onOverflow
  }

  /** Items that went unread since the last time that was told. */
  get missed(): number {
    return this.#missed
  }

  push(item: T): void {
    if (this.#ended) return
    if (this.#items.length >= this.#capacity) {
      this.#items.shift()
      this.#missed++
    }
    this.#items.push(item)
    this.#wake?.()
  }

  /** What was pushed before is still read. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** What was pushed before is still read, then the reader gets `error`. */
  fail(error: unknown): void {
    this.#failure = error
    this.end()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      if (this.#missed > 0 && this.#onOverflow !== undefined) {
        const missed = this.#missed
        this.#missed = 0
        yield this.#onOverflow(missed)
      }
      const items = this.#items
      this.#items = []
      yield* items
      if (this.#items.length > 0) continue
      if (this.#failure !== undefined) throw this.#failure
      if (this.#ended) return
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }
}
