/** An agent's mailbox: what others said since its last turn, bounded. */
import { AGENT_LIMITS, type Rec } from '@amp-mesh/protocol'

export class Mailbox {
  #waiting: Rec[] = []
  #lookAgain = true
  readonly #limit: number

  constructor(limit: number = AGENT_LIMITS.mailbox) {
    this.#limit = limit
  }

  /** Beyond the bound all that waits becomes one "look again". */
  put(record: Rec): void {
    if (this.#lookAgain) return
    if (this.#waiting.length < this.#limit) {
      this.#waiting.push(record)
      return
    }
    this.lookAgain()
  }

  /** All there is counts as new: before an agent's first turn, after a failure, after too much at once. */
  lookAgain(): void {
    this.#waiting = []
    this.#lookAgain = true
  }

  get empty(): boolean {
    return this.#waiting.length === 0 && !this.#lookAgain
  }

  /** Empties it. `all`: everything there is to read, for whoever has to look again. */
  take(all: () => Rec[]): Rec[] {
    const news = this.#lookAgain ? all() : this.#waiting
    this.#waiting = []
    this.#lookAgain = false
    return news
  }
}
