/** A bucket: the cards a holder keeps under one key. Bounded, fair between publishers, forgetful. */
import { type AgentId, DISCOVERY_LIMITS } from '@amp-mesh/protocol'
import { Census } from './census.ts'
import type { HeldCard } from './held-card.ts'
import { Shares } from './shares.ts'

export interface Entry {
  readonly card: HeldCard
  /** Uniform in [0, 1), fixed for an agent, and unknown to publishers. */
  readonly lot: number
  /** ms since the epoch; not later than the card's own expiry. */
  readonly until: number
}

/**
 * At most `bucketCards` cards, `publisherCards` of one publisher. When full, whoever has most in it loses the card with
 * the largest lot: what a card says has no part in it, so nobody can write one that pushes out others'.
 */
export class Bucket {
  /** By lot. */
  readonly #entries: Entry[] = []
  readonly #onChange: (card: HeldCard, by: 1 | -1) => void
  /** Once there are enough cards for it to matter. */
  #shares: Shares | undefined
  /** Once it was full. */
  #census: Census | undefined
  #nextExpiry = Number.POSITIVE_INFINITY

  /** `onChange`: told of each agent that comes or goes. */
  constructor(onChange: (card: HeldCard, by: 1 | -1) => void = () => {}) {
    this.#onChange = onChange
  }

  /** Cards kept. */
  get size(): number {
    return this.#entries.length
  }

  /** Cards there would be without the bounds: an estimate once it was full. */
  total(now: number): number {
    return Math.max(this.size, this.#census?.total(now) ?? 0)
  }

  /** Whether the bucket has the card now, or a later one of its agent. */
  put(entry: Entry, now: number): boolean {
    this.expire(now)
    const at = this.#positionOf(entry.card.agent, entry.lot)
    const known = this.#entries[at]
    if (known !== undefined && known.card.agent === entry.card.agent) {
      const isLater =
        entry.card.seq > known.card.seq || (entry.card.seq === known.card.seq && entry.until > known.until)
      if (isLater) this.#entries[at] = entry
      return true
    }
    this.#entries.splice(at, 0, entry)
    this.#nextExpiry = Math.min(this.#nextExpiry, entry.until)
    this.#census?.add(entry.lot, entry.until)
    this.#onChange(entry.card, 1)
    return this.#dropSurplus(entry) !== entry
  }

  /** Entries by lot: not to be changed. */
  entries(now: number): readonly Entry[] {
    this.expire(now)
    return this.#entries
  }

  expire(now: number): void {
    if (now >= this.#nextExpiry) this.drop(({ until }) => until <= now)
  }

  drop(goes: (entry: Entry) => boolean): void {
    const gone = this.#entries.filter(goes)
    if (gone.length === 0) return
    const kept = this.#entries.filter(entry => !goes(entry))
    this.#entries.splice(0, this.#entries.length, ...kept)
    this.#nextExpiry = kept.reduce((next, { until }) => Math.min(next, until), Number.POSITIVE_INFINITY)
    for (const entry of gone) this.#forget(entry)
  }

  #dropSurplus(entry: Entry): Entry | undefined {
    const { bucketCards, publisherCards } = DISCOVERY_LIMITS
    if (this.size <= publisherCards) return undefined
    const { publisher } = entry.card
    if (this.#shares === undefined) this.#shares = sharesOf(this.#entries)
    else this.#shares.add(publisher)
    const shares = this.#shares
    if (shares.of(publisher) > publisherCards) return this.#dropLast(({ card }) => card.publisher === publisher)
    if (this.size <= bucketCards) return undefined
    if (this.#census === undefined) {
      this.#census = new Census()
      for (const { lot, until } of this.#entries) this.#census.add(lot, until)
    }
    return this.#dropLast(({ card }) => shares.of(card.publisher) === shares.most)
  }

  #dropLast(goes: (entry: Entry) => boolean): Entry | undefined {
    const [dropped] = this.#entries.splice(this.#entries.findLastIndex(goes), 1)
    if (dropped !== undefined) this.#forget(dropped)
    return dropped
  }

  #forget({ card }: Entry): void {
    this.#shares?.remove(card.publisher)
    this.#onChange(card, -1)
  }

  /** Where the agent is, or would be. */
  #positionOf(agent: AgentId, lot: number): number {
    let [from, to] = [0, this.#entries.length]
    while (from < to) {
      const middle = (from + to) >> 1
      const entry = this.#entries[middle] as Entry
      if (entry.lot < lot || (entry.lot === lot && entry.card.agent < agent)) from = middle + 1
      else to = middle
    }
    return from
  }
}

function sharesOf(entries: readonly Entry[]): Shares {
  const shares = new Shares()
  for (const { card } of entries) shares.add(card.publisher)
  return shares
}
