/**
 * What ranking needs of a card, computed once and kept while the directory keeps the card: its words and its vectors.
 */
import {
  type AgentCard,
  type AgentId,
  type Embedder,
  fromBase64url,
  PEER_LIMITS,
  parseAgentId,
} from '@amp-mesh/protocol'
import { type StemUse, stemsOfCard } from './word-keys.ts'

export interface IndexedCard {
  readonly card: AgentCard
  readonly stems: ReadonlyMap<string, StemUse>
  /** Words of the card that say something, repetitions counted. */
  readonly length: number
  readonly rows: readonly VectorRow[]
}

/** One thing the card says, as int8 (DISCOVERY.md §2: loses nothing, a quarter of the memory). */
export interface VectorRow {
  readonly vector: Int8Array
  /** Its Euclidean length. */
  readonly length: number
  /** Position of the capability it speaks of; undefined for the card as a whole. */
  readonly capability: number | undefined
}

export class CardIndex {
  readonly embedder: Embedder
  readonly #bound: number
  readonly #known = new Map<AgentId, IndexedCard>()

  /** `bound`: cards kept; the longest unused go. */
  constructor(embedder: Embedder, bound: number = PEER_LIMITS.cards) {
    this.embedder = embedder
    this.#bound = bound
  }

  /** The cards with words and vectors, in the same order. Only new or changed ones cost anything. */
  async index(cards: readonly AgentCard[], signal?: AbortSignal): Promise<IndexedCard[]> {
    const indexed: IndexedCard[] = []
    for (const card of cards) {
      const known = this.#known.get(card.agent)
      const entry = known?.card.seq === card.seq ? known : await this.#read(card, signal)
      this.#keep(entry)
      indexed.push(entry)
    }
    return indexed
  }

  async #read(card: AgentCard, signal?: AbortSignal): Promise<IndexedCard> {
    const stems = stemsOfCard(card)
    const length = [...stems.values()].reduce((sum, { count }) => sum + count, 0)
    return { card, stems, length, rows: ownRows(card, this.embedder) ?? (await this.#embed(card, signal)) }
  }

  async #embed(card: AgentCard, signal?: AbortSignal): Promise<VectorRow[]> {
    const texts = textsOf(card)
    const vectors = await this.embedder.embed(
      texts.map(({ text }) => text),
      signal,
    )
    return vectors.map((vector, i) => rowOf(toInt8(vector), texts[i]?.capability))
  }

  #keep(entry: IndexedCard): void {
    this.#known.delete(entry.card.agent)
    this.#known.set(entry.card.agent, entry)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#bound) break
      this.#known.delete(oldest)
    }
  }
}

/** The direction of a vector in whole numbers, the largest at ±127. */
export function toInt8(vector: Float32Array): Int8Array {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1
  return new Int8Array(vector.map(value => Math.round((value / largest) * 127)))
}

/** The vectors the card brings along, if they are of our space and there is one for each capability. */
function ownRows(card: AgentCard, embedder: Embedder): VectorRow[] | undefined {
  if (card.vectors?.space !== embedder.id || card.vectors.data.length !== card.capabilities.length) return undefined
  const rows = card.vectors.data.map((data, capability) => rowOf(int8Of(data), capability))
  return rows.every(({ vector }) => vector.length === embedder.dimensions) ? rows : undefined
}

const rowOf = (vector: Int8Array, capability: number | undefined): VectorRow => ({
  vector,
  length: Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)),
  capability,
})

/** Empty for what is not base64url: then the length is wrong, and the words are embedded instead. */
function int8Of(data: string): Int8Array {
  try {
    return new Int8Array(fromBase64url(data))
  } catch {
    return new Int8Array()
  }
}

function textsOf(card: AgentCard): { text: string; capability: number | undefined }[] {
  const { name } = parseAgentId(card.agent)
  const capabilities = card.capabilities.map(({ text }) => text)
  const whole = [name, card.description ?? '', ...capabilities].join('\n')
  return [
    { text: whole, capability: undefined },
    ...card.capabilities.flatMap(({ text, examples }, capability) =>
      [text, ...(examples ?? [])].map(words => ({ text: words, capability })),
    ),
  ]
}
