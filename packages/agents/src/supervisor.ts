/** One-for-one supervision: an agent that fails is started again, but not for ever. */

/** Restarts within the window; one failure more parks the agent. */
const RESTARTS = 5
const WINDOW_MS = 60_000
/** Rest before the first restart, ms; it doubles with each. All five last 1.6 s, a twentieth of a default budget. */
const REST_MS = 50

export class Supervisor {
  #failures: number[] = []

  /** Notes a failure at `now`, ms. How long to rest before the next start; undefined: no more starts. */
  failed(now: number): number | undefined {
    this.#failures = [...this.#failures.filter(time => now - time < WINDOW_MS), now]
    return this.#failures.length > RESTARTS ? undefined : REST_MS * 2 ** (this.#failures.length - 1)
  }
}
