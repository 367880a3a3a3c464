/** A holder: the buckets a peer keeps for the mesh, who may fill and ask them, and who gets them next. Pure. */
import {
  type AgentId,
  type Clock,
  DISCOVERY_LIMITS,
  type MeshId,
  type Message,
  type PeerId,
  type SignedCard,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { Best } from '../highest.ts'
import { wordKey } from '../word-keys.ts'
import { Allowance } from './allowance.ts'
import { Bucket } from './bucket.ts'
import { fitOf, probeOf } from './features.ts'
import type { HeldCard } from './held-card.ts'
import { belongsTo } from './key-name.ts'
import { Shares } from './shares.ts'
import { vectorFit } from './vector-fit.ts'
import { WordSample } from './word-sample.ts'

export interface HolderInit {
  mesh: MeshId
  clock: Clock
  /** Opens and checks a card; undefined for what is none. */
  read(signed: SignedCard): HeldCard | undefined
  /** Is this peer among the `count` closest to the key, as far as it knows? */
  isNear(key: Uint8Array, count: number): boolean
  /** Uniform in [0, 1), fixed for an agent while we run, unknown to others. */
  lotOf(agent: AgentId): number
}

type Busy = Message<'busy'>

/** What one neighbour may ask and store, and how many cards all together may have ranked: a fifth of a core. */
const ASKS = { perSecond: 50, burst: 500, peers: 1_024 }
const RANKED = { perSecond: 400_000, burst: 2_000_000, peers: 1 }
const CARDS = { perSecond: 100, burst: 4_096, peers: 1_024 }
const RETRY_MS = 5_000

/** A key's cards, to be stored elsewhere. */
export type Bundle = [key: string, cards: SignedCard[]]

export class Holder {
  readonly #init: HolderInit
  readonly #buckets = new Map<string, Bucket>()
  readonly #shares = new Shares()
  readonly #asks = new Allowance(ASKS)
  readonly #ranked = new Allowance(RANKED)
  readonly #stores = new Allowance(CARDS)
  /** Requests for each key since the last look at what is hot. */
  readonly #asked = new Map<string, number>()
  readonly #sample = new WordSample()
  #entries = 0

  constructor(init: HolderInit) {
    this.#init = init
  }

  get buckets(): number {
    return this.#buckets.size
  }

  /** Cards in all buckets, counted in each. */
  get entries(): number {
    return this.#entries
  }

  bucketSizes(): number[] {
    return [...this.#buckets.values()].map(({ size }) => size)
  }

  /**
   * Cards may come from anybody, their signatures speak for them; keys only as far as they are ours and the cards'. A
   * card under no key is brought to be counted.
   */
  store(from: PeerId, { cards, keys, lifeMs }: Message<'index_store'>): Message<'index_stored'> | Busy {
    const now = this.#init.clock.now()
    if (!this.#stores.take(from, cards.length, now)) return { type: 'busy', retryAfterMs: RETRY_MS }
    const read = cards.map(card => this.#init.read(card))
    const until = lifeMs === undefined ? Number.POSITIVE_INFINITY : now + lifeMs
    const sizes = keys.map(([key, at]) => {
      if (!this.#init.isNear(wordKey(this.#init.mesh, key), DISCOVERY_LIMITS.holdersPerKey)) return 0
      const own = at.flatMap(place => read[place] ?? []).filter(card => belongsTo(key, card))
      const kept = own.map(card => this.#put(key, card, until, now))
      return kept.length === 0 ? 0 : (this.#buckets.get(key)?.total(now) ?? 0)
    })
    const named = new Set(keys.flatMap(([, at]) => at))
    for (const [place, card] of read.entries())
      if (card !== undefined && !named.has(place)) this.#sample.bring(card, from)
    return { type: 'index_stored', sizes }
  }

  /** The best cards of a bucket, as many as fit an answer. */
  query(from: PeerId, { key, text, vector, k }: Message<'index_query'>): Message<'index_cards'> | Busy {
    const now = this.#init.clock.now()
    if (!this.#asks.take(from, 1, now)) return { type: 'busy', retryAfterMs: RETRY_MS }
    const bucket = this.#buckets.get(key)
    if (bucket === undefined) return { type: 'index_cards', size: 0, cards: [] }
    this.#asked.set(key, (this.#asked.get(key) ?? 0) + 1)
    if (!this.#ranked.take('', bucket.size, now)) return { type: 'busy', retryAfterMs: RETRY_MS }
    const probe = probeOf(text)
    const fit = ({ features, vectors }: HeldCard) =>
      vector === undefined ? fitOf(probe, features) : vectorFit(vector, vectors)
    const open = bucket.cards(now).filter(({ isOpen }) => isOpen)
    const best = bestOf(open, fit, Math.min(k, WIRE_LIMITS.cardsInAnswer))
    return {
      type: 'index_cards',
      size: bucket.total(now),
      cards: withinBytes(best.map(({ signed }) => signed)),
      words: this.#sample.count(text, this.#buckets, now),
    }
  }

  /** Cards that were brought to be counted, to be brought to others. */
  brought(): SignedCard[] {
    return this.#sample.brought(this.#init.clock.now()).map(({ signed }) => signed)
  }

  /**
   * What peers that have come are to be given, and who: the buckets they are among the closest to, of which we are the
   * closest of those that were there. One step for each bucket, for to go through all takes a while. `nearest`: as many
   * as hold a key and as have come, newcomers included, closest first.
   */
  *dueTo(
    newcomers: ReadonlySet<PeerId>,
    nearest: (key: Uint8Array) => readonly PeerId[],
    self: PeerId,
  ): Generator<[peers: PeerId[], bundle: Bundle]> {
    const now = this.#init.clock.now()
    for (const [key, bucket] of this.#buckets) {
      const closest = nearest(wordKey(this.#init.mesh, key))
      const isOurs = closest.find(peer => !newcomers.has(peer)) === self
      const peers = isOurs ? closest.slice(0, DISCOVERY_LIMITS.copies).filter(peer => newcomers.has(peer)) : []
      yield [peers, [key, peers.length === 0 ? [] : bucket.cards(now).map(({ signed }) => signed)]]
    }
  }

  /** Buckets asked for more than `hotAsks` times since the last call: to be copied to the next peers on the way. */
  hot(): Bundle[] {
    const now = this.#init.clock.now()
    const hot = [...this.#asked].filter(([, asks]) => asks > DISCOVERY_LIMITS.hotAsks)
    this.#asked.clear()
    return hot.map(([key]) => [key, (this.#buckets.get(key)?.cards(now) ?? []).map(({ signed }) => signed)])
  }

  /** Forgets what is over. */
  sweep(): void {
    const now = this.#init.clock.now()
    for (const [key, bucket] of this.#buckets) {
      bucket.expire(now)
      if (bucket.size === 0) this.#buckets.delete(key)
    }
  }

  #put(key: string, card: HeldCard, until: number, now: number): boolean {
    if (this.#shares.of(card.publisher) >= DISCOVERY_LIMITS.publisherEntries) return false
    const bucket = this.#buckets.get(key) ?? new Bucket(this.#changed)
    this.#buckets.set(key, bucket)
    const kept = bucket.put(card, this.#init.lotOf(card.agent), now, Math.min(until, card.expires))
    if (this.#entries > DISCOVERY_LIMITS.holderEntries) this.#makeRoom()
    return kept
  }

  /** Whoever has most here loses all of it. */
  #makeRoom(): void {
    this.sweep()
    const { heaviest } = this.#shares
    if (this.#entries <= DISCOVERY_LIMITS.holderEntries || heaviest === undefined) return
    for (const bucket of this.#buckets.values()) bucket.drop(({ publisher }) => publisher === heaviest)
  }

  readonly #changed = ({ publisher }: HeldCard, by: 1 | -1): void => {
    this.#entries += by
    if (by === 1) this.#shares.add(publisher)
    else this.#shares.remove(publisher)
  }
}

/** The `k` that fit best, best first; equals by lot. */
function bestOf(cards: readonly HeldCard[], fit: (card: HeldCard) => number, k: number): readonly HeldCard[] {
  const best = new Best<HeldCard>(k)
  for (const card of cards) best.offer(card, fit(card))
  return best.items()
}

function withinBytes(cards: readonly SignedCard[]): SignedCard[] {
  let bytes = 0
  return cards.filter(({ body }) => {
    bytes += body.length
    return bytes <= DISCOVERY_LIMITS.answerBytes
  })
}
