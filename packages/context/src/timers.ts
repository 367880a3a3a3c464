/** What a replica means to do later, each under a name of its own. */
import type { Cancel, Clock } from '@amp-mesh/protocol'

export class Timers {
  readonly #clock: Clock
  readonly #waiting = new Map<string, Cancel>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(name: string): boolean {
    return this.#waiting.has(name)
  }

  after(name: string, ms: number, action: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#waiting.delete(name)
      action()
    })
    this.#waiting.set(name, cancel)
  }

  stop(): void {
    for (const cancel of this.#waiting.values()) cancel()
    this.#waiting.clear()
  }
}
