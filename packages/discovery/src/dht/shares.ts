/** How many entries each publisher has in a table, and what the most is. */
import type { PeerId } from '@amp-mesh/protocol'

export class Shares {
  readonly #counts = new Map<PeerId, number>()
  /** By count: publishers that have so many. */
  readonly #holders: number[] = []

  of(publisher: PeerId): number {
    return this.#counts.get(publisher) ?? 0
  }

  get most(): number {
    return Math.max(0, this.#holders.length - 1)
  }

  /** One of those who have most. */
  get heaviest(): PeerId | undefined {
    for (const [publisher, count] of this.#counts) if (count === this.most) return publisher
    return undefined
  }

  add(publisher: PeerId): void {
    this.#move(publisher, this.of(publisher) + 1)
  }

  remove(publisher: PeerId): void {
    this.#move(publisher, this.of(publisher) - 1)
  }

  #move(publisher: PeerId, count: number): void {
    const before = this.of(publisher)
    if (before > 0) this.#holders[before] = (this.#holders[before] ?? 0) - 1
    if (count <= 0) this.#counts.delete(publisher)
    else {
      this.#counts.set(publisher, count)
      while (this.#holders.length <= count) this.#holders.push(0)
      this.#holders[count] = (this.#holders[count] ?? 0) + 1
    }
    while (this.#holders.length > 1 && this.#holders.at(-1) === 0) this.#holders.pop()
  }
}
