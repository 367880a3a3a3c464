/** Places an agent has for spaces: a few at once, further questions wait in the order they came. */

/** Questions that wait for one agent, at most; later ones take the place of the oldest, which is stale by then. */
const WAITING = 64

export class Slots {
  readonly #size: number
  readonly #taken = new Map<string, number>()
  readonly #waiting = new Map<string, { enter: () => void; refuse: (reason: Error) => void }[]>()

  constructor(size: number) {
    this.#size = size
  }

  /** The next question would have to wait. */
  isFull(name: string): boolean {
    return (this.#taken.get(name) ?? 0) >= this.#size
  }

  /** Resolves with the function that gives the place back. Rejects for the oldest when too many wait. */
  async take(name: string): Promise<() => void> {
    const taken = this.#taken.get(name) ?? 0
    if (taken < this.#size) this.#taken.set(name, taken + 1)
    else await this.#wait(name)
    return () => this.#release(name)
  }

  #wait(name: string): Promise<void> {
    const line = this.#waiting.get(name) ?? []
    this.#waiting.set(name, line)
    if (line.length >= WAITING) line.shift()?.refuse(new Error('too many questions at once'))
    return new Promise((enter, refuse) => line.push({ enter, refuse }))
  }

  /** The place goes to whoever waits longest. */
  #release(name: string): void {
    const next = this.#waiting.get(name)?.shift()
    if (next !== undefined) next.enter()
    else this.#taken.set(name, (this.#taken.get(name) ?? 1) - 1)
  }
}
