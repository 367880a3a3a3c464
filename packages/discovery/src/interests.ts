/** What a peer is interested in: what its own agents can do, and what was asked here; in the built-in vector space. */
import { type AgentCard, PEER_LIMITS, parseAgentId } from '@amp-mesh/protocol'
import { LexicalEmbedder } from './lexical-embedder.ts'

/** Below this cosine two texts have hardly anything to do with each other: 1.5 % of pairs drawn at random reach it. */
const RELATED = 0.15

/** The components of a unit vector that are not zero: a sentence has few. */
type Interest = readonly (readonly [at: number, value: number])[]

export class Interests {
  readonly #embedder = new LexicalEmbedder()
  #own: readonly Interest[] = []
  readonly #asked: Interest[] = []

  /** Sets what the peer's own agents can do. */
  setOwn(cards: readonly AgentCard[]): void {
    const texts = cards.flatMap(({ capabilities }) => capabilities.map(({ text }) => text))
    this.#own = texts.slice(0, PEER_LIMITS.interests).map(text => this.#interestIn(text))
  }

  /** Something was asked here; the oldest questions are forgotten. */
  noteQuestion(text: string): void {
    this.#asked.push(this.#interestIn(text))
    if (this.#asked.length > PEER_LIMITS.interests) this.#asked.shift()
  }

  /** 0..1: how near a card is to the nearest interest; 0 for what is not related to any. */
  of(card: AgentCard): number {
    if (this.#own.length + this.#asked.length === 0) return 0
    const { name } = parseAgentId(card.agent)
    const words = [name, card.description ?? '', ...card.capabilities.map(({ text }) => text)].join('\n')
    const vector = this.#embedder.embedText(words)
    const nearest = [...this.#own, ...this.#asked].reduce((most, each) => Math.max(most, cosine(vector, each)), 0)
    return nearest < RELATED ? 0 : Math.min(1, nearest)
  }

  #interestIn(text: string): Interest {
    return [...this.#embedder.embedText(text).entries()].filter(([, value]) => value !== 0)
  }
}

const cosine = (vector: Float32Array, interest: Interest): number =>
  interest.reduce((sum, [at, value]) => sum + value * (vector[at] ?? 0), 0)
