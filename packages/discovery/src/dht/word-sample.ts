/**
 * What a holder tells of how frequent words are; a request's asker puts several such samples together (mesh-words.ts).
 * Publishers bring a card along with what is to be held, by chance: those are a sample of the mesh's cards. Where they
 * are few, the cards that are held stand in: which keys a holder has is chance, too, but they lie together by words.
 */
import { type AgentId, DISCOVERY_LIMITS, type Message, type PeerId, WIRE_LIMITS } from '@amp-mesh/protocol'
import { stemsOf } from '../word-keys.ts'
import type { Bucket } from './bucket.ts'
import { type Features, stemHash } from './features.ts'
import type { HeldCard } from './held-card.ts'
import { Shares } from './shares.ts'

export type WordCounts = NonNullable<Message<'index_cards'>['words']>

/** Cards of a sample, and of one bucket at most: those under one word say more than that alike. */
const CARDS = 2_048
const CARDS_OF_BUCKET = 512
/** Cards that were brought: those of one peer, and how many are enough to be counted alone. */
const BROUGHT_BY_ONE = 64
const ENOUGH = 256
/** A sample serves this long, ms: to draw it takes some milliseconds. */
const FRESH_MS = 10_000

interface Sampled {
  /** The key it is kept under; of one that was brought none. */
  readonly key?: string
  readonly features: Features
}

export class WordSample {
  /** The oldest first. */
  readonly #brought = new Map<AgentId, { card: HeldCard; by: PeerId }>()
  readonly #shares = new Shares()
  #sample: readonly Sampled[] = []
  #until = 0

  /** A card that a peer brought along. */
  bring(card: HeldCard, by: PeerId): void {
    const isAnother = this.#brought.get(card.agent)?.by !== by
    if (isAnother && this.#shares.of(by) >= BROUGHT_BY_ONE) return
    this.#leave(card.agent)
    this.#brought.set(card.agent, { card, by })
    this.#shares.add(by)
    const [oldest] = this.#brought.keys()
    if (this.#brought.size > CARDS && oldest !== undefined) this.#leave(oldest)
  }

  /** Cards that were brought and have not expired. */
  brought(now: number): HeldCard[] {
    for (const [agent, { card }] of this.#brought) if (card.expires <= now) this.#leave(agent)
    return [...this.#brought.values()].map(({ card }) => card)
  }

  /**
   * How many cards say the words of a request, and have them among their keys; those held under one of these words
   * left out, for they all say it.
   */
  count(text: string, buckets: ReadonlyMap<string, Bucket>, now: number): WordCounts {
    if (now >= this.#until) {
      const brought = this.brought(now)
      this.#sample = brought.length >= ENOUGH ? brought : sampleOf(buckets, now)
      this.#until = now + FRESH_MS
    }
    const stems = requestStems(text)
    const places = new Map(stems.map((stem, at) => [stem, at]))
    const placesOfHashes = new Map(stems.map((stem, at) => [stemHash(stem), at]))
    const saying = new Float64Array(stems.length)
    const under = new Float64Array(stems.length)
    let [cards, words] = [0, 0]
    for (const { key, features } of this.#sample) {
      if (key !== undefined && places.has(key)) continue
      const said = placesAmong(placesOfHashes, features.stems)
      const asked = said.length === 0 ? [] : placesAmong(places, features.keys)
      // a card that is held is met under those of its keys that were not asked for: of few such, less often
      const ways = Math.max(1, features.keys.length - asked.length)
      const weight = key === undefined ? 1 : DISCOVERY_LIMITS.keysPerCard / ways
      cards += weight
      words += features.length * weight
      for (const at of said) saying[at] = (saying[at] as number) + weight
      for (const at of asked) under[at] = (under[at] as number) + weight
    }
    return {
      cards: Math.round(cards),
      words: Math.round(words),
      saying: [...saying].map(Math.round),
      under: [...under].map(Math.round),
    }
  }

  #leave(agent: AgentId): void {
    const known = this.#brought.get(agent)
    if (known === undefined) return
    this.#brought.delete(agent)
    this.#shares.remove(known.by)
  }
}

/** The stems that are counted, in this order. */
export const requestStems = (text: string): string[] => [...stemsOf(text).keys()].slice(0, WIRE_LIMITS.wordsInAnswer)

function placesAmong<T>(places: ReadonlyMap<T, number>, items: Iterable<T>): number[] {
  const found: number[] = []
  for (const item of items) {
    const at = places.get(item)
    if (at !== undefined) found.push(at)
  }
  return found
}

/** Evenly from all buckets. */
function sampleOf(buckets: ReadonlyMap<string, Bucket>, now: number): Sampled[] {
  let entries = 0
  for (const { size } of buckets.values()) entries += Math.min(size, CARDS_OF_BUCKET)
  const step = Math.max(1, entries / CARDS)
  const sample: Sampled[] = []
  let next = 0
  for (const [key, bucket] of buckets) {
    const cards = bucket.cards(now)
    const count = Math.min(cards.length, CARDS_OF_BUCKET)
    for (; next < count; next += step) {
      const card = cards[Math.floor((next * cards.length) / count)]
      if (card !== undefined) sample.push({ key, features: card.features })
    }
    next -= count
  }
  return sample
}
