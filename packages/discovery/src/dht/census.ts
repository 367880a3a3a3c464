/** How many cards a full bucket was offered: a count of a sample by hash, which what it keeps does not bias. */

/**
 * Cards of the sample: the estimate is right within three hundredths, two times of three; askers weigh words by it. A
 * holder's entries are bounded, so it has sixteen full buckets at most.
 */
const SAMPLE = 2_048

export class Census {
  /** By lot of the card: when it expires. Lots at or above the share are not in the sample. */
  readonly #sample = new Map<number, number>()
  #share = 1

  /** `lot`: uniform in [0, 1), fixed for an agent. */
  add(lot: number, expires: number): void {
    if (lot >= this.#share) return
    this.#sample.set(lot, expires)
    while (this.#sample.size > SAMPLE) {
      this.#share /= 2
      for (const known of this.#sample.keys()) if (known >= this.#share) this.#sample.delete(known)
    }
  }

  total(now: number): number {
    for (const [lot, expires] of this.#sample) if (expires <= now) this.#sample.delete(lot)
    return Math.round(this.#sample.size / this.#share)
  }
}
