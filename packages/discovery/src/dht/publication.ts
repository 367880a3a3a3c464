/** Publishing: keeps this peer's own cards at the holders of their keys. A plan, and a thin runner. */
import {
  type AgentId,
  aborted,
  type Clock,
  DISCOVERY_LIMITS,
  type MeshId,
  type Message,
  type PeerId,
  type Random,
  type SignedCard,
  sleep,
  TRANSPORT_LIMITS,
  WIRE_LIMITS,
  withDeadline,
} from '@amp-mesh/protocol'
import { concurrently } from '../concurrently.ts'
import { wordKey } from '../word-keys.ts'
import type { HeldCard } from './held-card.ts'
import { compareDistance, placeOfKey } from './place.ts'
import type { Routes } from './routes.ts'
import type { Standing } from './standing.ts'
import { type IndexStore, storeMessages } from './store-messages.ts'

export interface PublicationInit {
  mesh: MeshId
  clock: Clock
  random: Random
  routes: Routes
  standing: Standing
  /** Cards that others brought to this peer, if it holds any. */
  brought?(): readonly SignedCard[]
  /** Rejects when the holder is busy or does not answer. */
  store(holder: PeerId, message: IndexStore, signal: AbortSignal): Promise<Message<'index_stored'>>
}

/** What publishing has cost since the start. */
export interface PublicationCost {
  /** Requests and answers of walks and stores. */
  messages: number
  /** Cards, each time one is published. */
  cards: number
}

/** A key, and the cards to be put under it. */
type Plan = Map<string, SignedCard[]>

/** Keys of which no copy could be placed are tried again after this long, ms, up to twice it. */
const RETRY_MS = 15_000
/** Holders tried for each copy: some of those that a walk named do not answer. */
const ROUNDS = 3
/** Where a key was placed is asked again for as long; then the way is looked for anew, ms. */
const HOMES_MS = 30 * 60_000
/** The share of the cards brought along that others brought before. */
const PASSED_ON = 0.5
const ORIGIN = new Uint8Array(32)

export class Publication {
  readonly cost: PublicationCost = { messages: 0, cards: 0 }
  readonly #init: PublicationInit
  #cards: readonly HeldCard[] = []
  /** What was published of each agent: its card's sequence. */
  readonly #published = new Map<AgentId, number>()
  /** Who holds the copies of each key, and since when. */
  readonly #homes = new Map<string, { holders: PeerId[]; since: number }>()
  /** Of cards of which some key found no holder: copies under the keys that did. What was placed is not sent again. */
  readonly #begun = new Map<AgentId, { seq: number; copies: Map<string, number> }>()
  /** Agents of whose cards some key has fewer copies than it should. */
  readonly #thin = new Set<AgentId>()
  #changed = new AbortController()

  constructor(init: PublicationInit) {
    this.#init = init
  }

  /**
   * Sets the peer's own cards, all of them; each is published when it is new, and when it was renewed. Of agents that
   * take nothing new only those that were known.
   */
  update(cards: readonly HeldCard[]): void {
    this.#cards = cards.filter(({ agent, isOpen }) => isOpen || this.#published.has(agent))
    const agents = new Set(this.#cards.map(({ agent }) => agent))
    for (const agent of this.#published.keys()) if (!agents.has(agent)) this.#published.delete(agent)
    for (const part of [this.#thin, this.#begun])
      for (const agent of part.keys()) if (!agents.has(agent)) part.delete(agent)
    this.#changed.abort()
  }

  /** There are more peers now: what lacks copies may get them. */
  peerCame(): void {
    if (this.#thin.size === 0) return
    for (const agent of this.#thin) this.#published.delete(agent)
    this.#changed.abort()
  }

  /** Publishes what is due, until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#init
    while (!signal.aborted) {
      this.#changed = new AbortController()
      const isDone = await this.publish(signal).catch(() => false)
      const stirred = AbortSignal.any([signal, this.#changed.signal])
      if (isDone) await aborted(stirred)
      else await sleep(clock, RETRY_MS * (1 + random.float()), stirred).catch(() => undefined)
    }
  }

  /** Cards that are still to be published. */
  get waiting(): number {
    return this.#due().length
  }

  /** Publishes what is due now. False when a key found no holder at all. */
  async publish(signal: AbortSignal): Promise<boolean> {
    const due = this.#due()
    if (due.length === 0) return true
    const begun = due.map(card => this.#copiesOf(card))
    const placed = await this.#place(planOf(due, begun), signal)
    let isDone = true
    for (const [i, card] of due.entries()) {
      const { agent, seq } = card
      const copies = begun[i] as Map<string, number>
      for (const key of keysOf(card)) {
        const fresh = placed.get(key)?.length ?? 0
        if (fresh > 0) copies.set(key, fresh)
      }
      const fewest = Math.min(...keysOf(card).map(key => copies.get(key) ?? 0))
      if (fewest < DISCOVERY_LIMITS.copies) this.#thin.add(agent)
      else this.#thin.delete(agent)
      if (fewest === 0) {
        this.#begun.set(agent, { seq, copies })
        isDone = false
        continue
      }
      this.#begun.delete(agent)
      this.#published.set(agent, seq)
      this.cost.cards += 1
    }
    return isDone
  }

  /** Copies of this very card by key, as far as it is placed. */
  #copiesOf({ agent, seq }: HeldCard): Map<string, number> {
    const begun = this.#begun.get(agent)
    return begun?.seq === seq ? begun.copies : new Map()
  }

  #due(): HeldCard[] {
    return this.#cards.filter(({ agent, seq }) => this.#published.get(agent) !== seq)
  }

  /** Puts the cards of a plan where they belong; returns who holds each key now. */
  async #place(plan: Plan, signal: AbortSignal): Promise<Map<string, PeerId[]>> {
    const now = this.#init.clock.now()
    const candidates = new Map<string, PeerId[]>()
    const placed = new Map<string, PeerId[]>()
    // neighbours in the key space one after another: one walk serves them all
    for (const key of inOrderOfPlace(plan, this.#init.mesh)) {
      candidates.set(key, await this.#candidates(key, now, signal))
      placed.set(key, [])
    }
    for (let round = 0; round < ROUNDS; round++) {
      const batches = batchesOf(plan, candidates, placed)
      if (batches.size === 0) break
      await this.#send(batches, placed, signal)
    }
    for (const [key, holders] of placed) {
      const since = this.#homes.get(key)?.since ?? now
      if (holders.length > 0) this.#homes.set(key, { holders, since: now - since > HOMES_MS ? now : since })
      else this.#homes.delete(key)
    }
    return placed
  }

  /** Who held it last time, while that is not long ago; then the closest that a walk finds. */
  async #candidates(key: string, now: number, signal: AbortSignal): Promise<PeerId[]> {
    const { mesh, routes, standing } = this.#init
    const home = this.#homes.get(key)
    if (home !== undefined && home.holders.length >= DISCOVERY_LIMITS.copies && now - home.since < HOMES_MS)
      return [...home.holders, ...routes.near(wordKey(mesh, key), DISCOVERY_LIMITS.holdersPerKey)]
    const { peers, steps } = await routes.to(wordKey(mesh, key), signal)
    this.cost.messages += 2 * steps
    const reliable = peers.filter(peer => standing.isReliable(peer, now))
    // after a bad minute nobody is reliable: better one of those than none
    return [...reliable, ...peers.filter(peer => !reliable.includes(peer))]
  }

  async #send(batches: Map<PeerId, Plan>, placed: Map<string, PeerId[]>, signal: AbortSignal): Promise<void> {
    const { clock, routes, standing, store } = this.#init
    const heard = this.#init.brought?.() ?? []
    const stores = [...batches].flatMap(([holder, plan]) =>
      storeMessages(plan).map(message => ({ holder, message: this.#withAnother(message, heard) })),
    )
    const sent = concurrently<(typeof stores)[number], never>(
      stores,
      DISCOVERY_LIMITS.storesAtOnce,
      async ({ holder, message }) => {
        this.cost.messages += 1
        try {
          const { sizes } = await withDeadline(clock, TRANSPORT_LIMITS.queryMs, signal, s => store(holder, message, s))
          this.cost.messages += 1
          standing.answered(holder, clock.now())
          for (const [i, [key]] of message.keys.entries()) if ((sizes[i] ?? 0) > 0) add(placed.get(key) ?? [], holder)
        } catch {
          standing.silent(holder, clock.now())
          routes.forget(holder)
        }
      },
      signal,
    )
    await sent.next()
    signal.throwIfAborted()
  }

  /**
   * Each message brings one more card by chance, under no key: holders tell askers by those how frequent words are. Of
   * its own, or passed on: a peer's own agents may all be of a kind, or one.
   */
  #withAnother(message: IndexStore, heard: readonly SignedCard[]): IndexStore {
    const { random } = this.#init
    if (message.cards.length === WIRE_LIMITS.cardsInStore) return message
    const own = this.#cards.map(({ signed }) => signed).filter(card => !message.cards.includes(card))
    const from = heard.length > 0 && (own.length === 0 || random.float() < PASSED_ON) ? heard : own
    const another = from[Math.floor(random.float() * from.length)]
    return another === undefined ? message : { ...message, cards: [...message.cards, another] }
  }
}

/** For each holder what it is sent now, in one go. Takes those it names from the candidates. */
function batchesOf(plan: Plan, candidates: Map<string, PeerId[]>, placed: Map<string, PeerId[]>): Map<PeerId, Plan> {
  const batches = new Map<PeerId, Plan>()
  for (const [key, cards] of plan) {
    const open = candidates.get(key) ?? []
    const has = placed.get(key) ?? []
    for (let lacking = DISCOVERY_LIMITS.copies - has.length; lacking > 0; lacking--) {
      const holder = open.shift()
      if (holder === undefined) break
      if (has.includes(holder)) continue
      const batch = batches.get(holder) ?? new Map<string, SignedCard[]>()
      batches.set(holder, batch.set(key, cards))
    }
  }
  return batches
}

const add = (holders: PeerId[], holder: PeerId) => {
  if (!holders.includes(holder)) holders.push(holder)
}

/** `begun`: keys under which a card is already. */
function planOf(cards: readonly HeldCard[], begun: readonly ReadonlyMap<string, number>[]): Plan {
  const plan: Plan = new Map()
  for (const [i, card] of cards.entries())
    for (const key of keysOf(card)) if (!begun[i]?.has(key)) plan.set(key, [...(plan.get(key) ?? []), card.signed])
  return plan
}

const keysOf = ({ features, concepts = [] }: HeldCard): readonly string[] => [...features.keys, ...concepts]

function inOrderOfPlace(plan: Plan, mesh: MeshId): string[] {
  const places = [...plan.keys()].map(key => ({ key, place: placeOfKey(wordKey(mesh, key)) }))
  return places.sort((a, b) => compareDistance(ORIGIN, a.place, b.place)).map(({ key }) => key)
}
