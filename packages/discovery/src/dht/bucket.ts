/** A bucket: the cards a holder keeps under one key. Bounded, fair between publishers, forgetful. */
import { type AgentId, DISCOVERY_LIMITS } from '@amp-mesh/protocol'
import { Census } from './census.ts'
import type { HeldCard } from './held-card.ts'
import { Shares } from './shares.ts'

/**
 * At most `bucketCards` cards, `publisherCards` of one publisher. When full, whoever has most in it loses the card with
 * the largest lot: what a card says has no part in it, so nobody can write one that pushes out others'.
 */
export class Bucket {
  /** By lot; two arrays, for a holder may have a hundred thousand entries. */
  readonly #cards: HeldCard[] = []
  readonly #lots: number[] = []
  readonly #onChange: (card: HeldCard, by: 1 | -1) => void
  /** Of cards that are to go before they expire: when, ms since the epoch. */
  readonly #until = new Map<AgentId, number>()
  /** Once there are enough cards for it to matter. */
  #shares: Shares | undefined
  /** Once it was full and offered more. */
  #census: Census | undefined
  #nextExpiry = Number.POSITIVE_INFINITY

  /** `onChange`: told of each agent that comes or goes. */
  constructor(onChange: (card: HeldCard, by: 1 | -1) => void = () => {}) {
    this.#onChange = onChange
  }

  /** Cards kept. */
  get size(): number {
    return this.#cards.length
  }

  /** Cards there would be without the bounds: an estimate once it was full. */
  total(now: number): number {
    return Math.max(this.size, this.#census?.total(now) ?? 0)
  }

  /**
   * Whether the bucket has the card now, or a later one of its agent. `lot`: uniform in [0, 1), fixed for an agent and
   * unknown to publishers. `until`: when to forget it, if that is before it expires.
   */
  put(card: HeldCard, lot: number, now: number, until: number = card.expires): boolean {
    this.expire(now)
    const at = this.#positionOf(card.agent, lot)
    const known = this.#cards[at]
    if (known?.agent === card.agent) {
      if (card.seq >= known.seq) this.#keep(at, card, Math.max(until, this.#endOf(known)))
      return true
    }
    if (this.size >= DISCOVERY_LIMITS.bucketCards) this.#census ??= this.#newCensus()
    this.#census?.add(lot, until)
    if (this.#isHopeless(card, lot)) return false
    this.#cards.splice(at, 0, card)
    this.#lots.splice(at, 0, lot)
    this.#keep(at, card, until)
    this.#onChange(card, 1)
    return this.#dropSurplus(card) !== card
  }

  /** Not to be changed. */
  cards(now: number): readonly HeldCard[] {
    this.expire(now)
    return this.#cards
  }

  expire(now: number): void {
    if (now >= this.#nextExpiry) this.drop(card => this.#endOf(card) <= now)
  }

  drop(goes: (card: HeldCard) => boolean): void {
    this.#nextExpiry = Number.POSITIVE_INFINITY
    const gone: HeldCard[] = []
    let kept = 0
    for (const [at, card] of this.#cards.entries()) {
      if (goes(card)) {
        gone.push(card)
        continue
      }
      this.#nextExpiry = Math.min(this.#nextExpiry, this.#endOf(card))
      this.#cards[kept] = card
      this.#lots[kept] = this.#lots[at] as number
      kept += 1
    }
    this.#cards.length = kept
    this.#lots.length = kept
    for (const card of gone) this.#forget(card)
  }

  #keep(at: number, card: HeldCard, until: number): void {
    this.#cards[at] = card
    if (until < card.expires) this.#until.set(card.agent, until)
    else this.#until.delete(card.agent)
    this.#nextExpiry = Math.min(this.#nextExpiry, this.#endOf(card))
  }

  #endOf({ agent, expires }: HeldCard): number {
    return this.#until.size === 0 ? expires : (this.#until.get(agent) ?? expires)
  }

  /** It would be the one to go: of a full bucket the last by lot, of a publisher that has as many as any. */
  #isHopeless({ publisher }: HeldCard, lot: number): boolean {
    if (this.size < DISCOVERY_LIMITS.bucketCards || this.#shares === undefined) return false
    return lot > (this.#lots.at(-1) ?? 1) && this.#shares.of(publisher) + 1 >= this.#shares.most
  }

  #dropSurplus({ publisher }: HeldCard): HeldCard | undefined {
    const { bucketCards, publisherCards } = DISCOVERY_LIMITS
    if (this.size <= publisherCards) return undefined
    if (this.#shares === undefined) this.#shares = sharesOf(this.#cards)
    else this.#shares.add(publisher)
    const shares = this.#shares
    if (shares.of(publisher) > publisherCards) return this.#dropLast(card => card.publisher === publisher)
    if (this.size <= bucketCards) return undefined
    if (shares.most === 1) return this.#dropLast(() => true)
    if (shares.of(publisher) === shares.most) return this.#dropLast(card => card.publisher === publisher)
    return this.#dropLast(card => shares.of(card.publisher) === shares.most)
  }

  #newCensus(): Census {
    const census = new Census()
    for (const [at, card] of this.#cards.entries()) census.add(this.#lots[at] as number, this.#endOf(card))
    return census
  }

  #dropLast(goes: (card: HeldCard) => boolean): HeldCard | undefined {
    const at = this.#cards.findLastIndex(goes)
    const [dropped] = this.#cards.splice(at, 1)
    this.#lots.splice(at, 1)
    if (dropped !== undefined) this.#forget(dropped)
    return dropped
  }

  #forget(card: HeldCard): void {
    this.#until.delete(card.agent)
    this.#shares?.remove(card.publisher)
    this.#onChange(card, -1)
  }

  /** Where the agent is, or would be. */
  #positionOf(agent: AgentId, lot: number): number {
    let [from, to] = [0, this.#lots.length]
    while (from < to) {
      const middle = (from + to) >> 1
      const other = this.#lots[middle] as number
      if (other < lot || (other === lot && (this.#cards[middle] as HeldCard).agent < agent)) from = middle + 1
      else to = middle
    }
    return from
  }
}

function sharesOf(cards: readonly HeldCard[]): Shares {
  const shares = new Shares()
  for (const { publisher } of cards) shares.add(publisher)
  return shares
}
