/** Things gathered and then done together: those of one turn, or those that came while others were being done. */

/** `act` gets all that was added within a turn, at its end. */
export class Tick<T> {
  readonly #act: (items: T[]) => void
  #items: T[] = []

  constructor(act: (items: T[]) => void) {
    this.#act = act
  }

  add(item: T): void {
    this.#items.push(item)
    if (this.#items.length > 1) return
    queueMicrotask(() => {
      const items = this.#items
      this.#items = []
      this.#act(items)
    })
  }
}

/** `act` never runs twice at once: what is added while it runs is its next turn. It must not reject. */
export class Batch<T> {
  readonly #act: (items: T[]) => Promise<void>
  #items: T[] = []
  #running = false

  constructor(act: (items: T[]) => Promise<void>) {
    this.#act = act
  }

  add(item: T): void {
    this.#items.push(item)
    if (this.#running) return
    this.#running = true
    void this.#run()
  }

  async #run(): Promise<void> {
    await Promise.resolve() // what is added in the same turn belongs together
    while (this.#items.length > 0) {
      const items = this.#items
      this.#items = []
      await this.#act(items)
    }
    this.#running = false
  }
}
