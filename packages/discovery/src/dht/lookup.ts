/** One request in the DHT: which keys to ask for next, what was found, and whether anything better can still come. */
import { type AgentId, DISCOVERY_LIMITS, type Message } from '@amp-mesh/protocol'
import { weigh } from '../bm25.ts'
import { fusionOf } from '../rank.ts'
import { keysOfRequest, type StemUse, stemsOf } from '../word-keys.ts'
import type { HolderAnswer } from './answers.ts'
import { fitOf, type Probe, probeOf, reweighed } from './features.ts'
import type { HeldCard } from './held-card.ts'
import { belongsTo } from './key-name.ts'
import { MeshWords } from './mesh-words.ts'

/** A key to be asked for, and of how many holders. */
export interface KeyAsk {
  readonly key: string
  readonly holders: number
  /** The request in the space of the key's codebook. */
  readonly vector?: Vector
}

type Vector = NonNullable<Message<'index_query'>['vector']>

export interface Found {
  readonly card: HeldCard
  /** The key it was found under. */
  readonly key: string
}

export interface LookupOptions {
  /** Keys asked for in all (default 8, or 16 while few cards were found), and at once (default 4). */
  keys?: number
  keysAtOnce?: number
  /** Keys of a codebook that are asked for at once, beside the words, and the request in its space. */
  concepts?: { readonly keys: readonly string[]; readonly vector: Vector } | undefined
  /** Go on though nothing unseen can win any more (default: no). */
  exhaustive?: boolean
}

/** The search ends when the fifth best reaches this share of what an unseen card could reach. */
const STOP = 0.5
const WANTED = 5

export class Lookup {
  /** How frequent the request's words are, as far as the holders told. */
  readonly words: MeshWords
  readonly #options: LookupOptions
  readonly #probe: Probe
  readonly #stems: ReadonlyMap<string, StemUse>
  /** Keys not yet asked for, worthiest first. */
  readonly #waiting: string[]
  readonly #asked = new Set<string>()
  readonly #found = new Map<AgentId, Found>()
  /** Until they are asked for. */
  #concepts: LookupOptions['concepts']

  constructor(text: string, options: LookupOptions = {}) {
    this.#options = options
    this.#concepts = options.concepts
    this.#probe = probeOf(text)
    this.#stems = stemsOf(text)
    this.words = new MeshWords(this.#stems)
    this.#waiting = keysOfRequest(text)
  }

  /** The next wave; empty when the search is over. */
  next(): KeyAsk[] {
    if (this.#options.exhaustive !== true && !this.#canImprove()) return []
    const { keysPerRequest, keysWhileFew, fewFound, lookupsAtOnce } = DISCOVERY_LIMITS
    const usual = this.#found.size < fewFound ? keysWhileFew : keysPerRequest
    const { keys = usual, keysAtOnce = lookupsAtOnce } = this.#options
    const wave = this.#waiting.splice(0, Math.max(0, Math.min(keysAtOnce, keys - this.#asked.size)))
    const concepts = this.#concepts
    this.#concepts = undefined
    const asks: KeyAsk[] = concepts?.keys.map(key => ({ key, holders: 1, vector: concepts.vector })) ?? []
    for (const key of wave) {
      this.#asked.add(key)
      asks.push({ key, holders: this.#asked.size <= DISCOVERY_LIMITS.checkedKeys ? 2 : 1 })
    }
    return asks
  }

  /** What holders rank by: they know no statistics. */
  holdersFit(card: HeldCard): number {
    return fitOf(this.#probe, card.features)
  }

  /** What came under a key. Cards that do not belong there count for nothing. */
  hear(key: string, { size, cards, words }: Pick<HolderAnswer, 'size' | 'cards' | 'words'>): void {
    this.words.hear(key, size, words)
    for (const card of cards) {
      const known = this.#found.get(card.agent)
      if (!belongsTo(key, card) || (known !== undefined && known.card.seq >= card.seq)) continue
      this.#found.set(card.agent, { card, key: known?.key ?? key })
    }
    this.words.found(this.#found.size)
  }

  /** Nothing was found so far. */
  get isEmpty(): boolean {
    return this.#found.size === 0
  }

  /** The key an agent was found under. */
  keyOf(agent: AgentId): string | undefined {
    return this.#found.get(agent)?.key
  }

  /** All that was found, best first: by words and vector of the built-in embedder, as a search through everything. */
  found(): (Found & { fit: number })[] {
    const probe = reweighed(this.#probe, this.#stems, this.words)
    return [...this.#found.values()]
      .map(found => ({ ...found, fit: fitOf(probe, found.card.features) }))
      .sort((a, b) => b.fit - a.fit)
  }

  /** Could a card with none of the words asked for beat the fifth best? The bound: all other words, said once each. */
  #canImprove(): boolean {
    if (this.#asked.size === 0) return true
    let [values, unseenValues, weights, unseenWeights] = [0, 0, 0, 0]
    const weighed = weigh(this.#stems, this.words)
    for (const [stem, { weight, count }] of this.#stems) {
      const square = (weight * (1 + Math.log(Math.max(1, count)))) ** 2
      const value = weighed.values.get(stem) ?? 0
      values += value
      weights += square
      if (this.#asked.has(stem)) continue
      unseenValues += value
      unseenWeights += square
    }
    const similarity = Math.sqrt(ratio(unseenWeights, weights))
    const bound = fusionOf({ similarity, words: ratio(unseenValues, values) })
    return (this.found()[WANTED - 1]?.fit ?? 0) < STOP * bound
  }
}

const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
