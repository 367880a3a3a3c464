/** When signs of life of a peer came, and how odd a silence is after them: φ accrual (Hayashibara et al. 2004). */

export interface ArrivalSettings {
  /** A silence whose φ reaches this is odd: by chance an arrival is that late once in 10^φ. */
  phi: number
  /** Intervals remembered. */
  samples: number
  /** The deviation is never taken for less, ms: a network that was regular so far may become less so. */
  minDeviationMs: number
  /** A pause beyond the usual interval that means nothing yet, ms. */
  pauseMs: number
  /** The interval that is expected before there is any, ms. */
  firstEstimateMs: number
  /** Signs of life that follow sooner are one with what went before, ms: a burst is no rhythm. */
  mergeMs: number
}

export class Arrivals {
  readonly #settings: ArrivalSettings
  readonly #intervals: number[] = []
  #oldest = 0
  #sum = 0
  #squares = 0
  #last: number | undefined
  /** The last one that was counted. */
  #counted = 0

  constructor(settings: ArrivalSettings) {
    this.#settings = settings
  }

  /** A sign of life. The interval that ends a silence that had become odd is no sample: a fault is no rhythm. */
  arrived(now: number): void {
    if (this.#last === undefined) this.restart(now)
    const interval = now - this.#counted
    if (interval > 0 && interval >= this.#settings.mergeMs) {
      if (!this.isOdd(now)) this.#add(interval)
      this.#counted = now
    }
    this.#last = now
  }

  /** Silence counts from here, and what was before is no interval: a connection was made, or was lost. */
  restart(now: number): void {
    const { firstEstimateMs } = this.#settings
    if (this.#intervals.length === 0) for (const share of [0.75, 1.25]) this.#add(share * firstEstimateMs)
    this.#last = now
    this.#counted = now
  }

  isOdd(now: number): boolean {
    return this.phi(now) >= this.#settings.phi
  }

  /** How odd the present silence is; 0 before the first sign of life. */
  phi(now: number): number {
    if (this.#last === undefined) return 0
    const { minDeviationMs, pauseMs } = this.#settings
    return phi(now - this.#last, this.mean + pauseMs, Math.max(minDeviationMs, Math.sqrt(this.variance)))
  }

  /** ms since the last sign of life. */
  silence(now: number): number {
    return this.#last === undefined ? 0 : now - this.#last
  }

  get mean(): number {
    return this.#sum / this.#intervals.length
  }

  get variance(): number {
    return Math.max(0, this.#squares / this.#intervals.length - this.mean ** 2)
  }

  #add(interval: number): void {
    const dropped = this.#intervals.length < this.#settings.samples ? 0 : (this.#intervals[this.#oldest] ?? 0)
    this.#intervals[this.#oldest] = interval
    this.#oldest = (this.#oldest + 1) % this.#settings.samples
    this.#sum += interval - dropped
    this.#squares += interval ** 2 - dropped ** 2
  }
}

/**
 * −log10 of the chance that an arrival is later than `silence`, were intervals normally distributed; all in ms. The
 * distribution function is the logistic one of Bowling et al. 2009, as in Pekko: it is within .0002, and beyond eight
 * deviations, where nobody looks closely, it rises faster than the true one.
 */
export function phi(silence: number, mean: number, deviation: number): number {
  const y = (silence - mean) / deviation
  const e = Math.exp(-y * (1.5976 + 0.070566 * y * y))
  return silence > mean ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e))
}
