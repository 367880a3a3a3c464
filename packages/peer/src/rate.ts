/** How much somebody may say: tokens that come back with time. The clock's time is handed in. */

export class Rate {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #at: number

  /** `burst`: what may be saved up. `now`: ms since the epoch. */
  constructor({ perSecond, burst }: { perSecond: number; burst: number }, now: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  /** Takes one token; returns how long to wait for it, ms. */
  take(now: number): number {
    const refill = (Math.max(0, now - this.#at) / 1_000) * this.#perSecond
    this.#tokens = Math.min(this.#burst, this.#tokens + refill) - 1
    this.#at = now
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1_000
  }
}
