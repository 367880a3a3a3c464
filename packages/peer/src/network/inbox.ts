/** Bytes received and not yet read: one writer, one reader, an end or a failure after the last chunk. */
export class Inbox {
  readonly #chunks: Uint8Array[] = []
  readonly #taken: (chunk: Uint8Array) => void
  #ended = false
  #failure: Error | undefined
  #wake: (() => void) | undefined
  /** Bytes waiting. */
  size = 0

  /** `taken` is called for each chunk the reader takes: the place to let the sender go on. */
  constructor(taken: (chunk: Uint8Array) => void) {
    this.#taken = taken
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.size += chunk.length
    this.#rouse()
  }

  /** No more chunks; with an error the reader gets it after the last one. The first error stands. */
  finish(error?: Error): void {
    this.#ended = true
    this.#failure ??= error
    this.#rouse()
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.size -= chunk.length
        this.#taken(chunk)
        yield chunk
      } else if (this.#failure !== undefined) {
        throw this.#failure
      } else if (this.#ended) {
        return
      } else {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      }
    }
  }

  #rouse(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}
