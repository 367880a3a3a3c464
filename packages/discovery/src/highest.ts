/** The best of many, kept while they are looked through. */

/** At most `count` items, best first; of equals those that came first. */
export class Best<T> {
  readonly #count: number
  readonly #items: T[] = []
  readonly #values: number[] = []

  constructor(count: number) {
    this.#count = count
  }

  /** Whoever is not above this has no place. */
  get threshold(): number {
    return this.#items.length < this.#count ? Number.NEGATIVE_INFINITY : (this.#values[this.#count - 1] as number)
  }

  offer(item: T, value: number): void {
    if (!(value > this.threshold)) return
    let [from, to] = [0, this.#values.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#values[middle] as number) >= value) from = middle + 1
      else to = middle
    }
    this.#items.splice(from, 0, item)
    this.#values.splice(from, 0, value)
    if (this.#items.length <= this.#count) return
    this.#items.pop()
    this.#values.pop()
  }

  items(): readonly T[] {
    return this.#items
  }
}

/** Positions of the `count` highest numbers above 0, highest first; equals by position. */
export function highest(numbers: ArrayLike<number>, count: number): readonly number[] {
  const best = new Best<number>(count)
  let threshold = 0
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] as number
    if (number <= threshold) continue
    best.offer(at, number)
    threshold = Math.max(0, best.threshold)
  }
  return best.items()
}
