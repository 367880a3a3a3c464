/** What a search through everything finds: all words, all vectors, the product's own fusion. */
import { LexicalEmbedder, rank, stemsOf } from '@amp-mesh/discovery'
import { highest } from '../../../packages/discovery/src/highest.ts'
import { WordIndex } from '../../../packages/discovery/src/word-index.ts'
import type { StemUse } from '../../../packages/discovery/src/word-keys.ts'

interface Vector {
  readonly vector: Int8Array
  readonly norm: number
}

/** Those of the ranking by words, and by vectors, that can be among the first of both together. */
const LIKELY = 512

export class Exhaustive {
  readonly #words = new WordIndex()
  readonly #vectors: Vector[] = []
  readonly #embedder = new LexicalEmbedder()

  add(vector: Vector, stems: ReadonlyMap<string, StemUse>): void {
    this.#words.add(this.#vectors.length, stems)
    this.#vectors.push(vector)
  }

  /** Positions of the best, in the order they were added; `accept`: which of them count. */
  search(text: string, count: number, accept: (at: number) => boolean = () => true): number[] {
    const words = this.#words.scores(stemsOf(text))
    const similarities = this.#similarities(text)
    const likely = new Set([...highest(words, LIKELY), ...highest(similarities, LIKELY)])
    const candidates = [...likely]
      .filter(accept)
      .map(at => ({ at, words: words[at] ?? 0, similarity: similarities[at] ?? 0 }))
    return rank(candidates)
      .slice(0, count)
      .map(({ at }) => at)
  }

  #similarities(text: string): Float32Array {
    const request = this.#embedder.embedText(text)
    const components = [...request.entries()].filter(([, value]) => value !== 0)
    const slots = Uint16Array.from(components, ([slot]) => slot)
    const values = Float32Array.from(components, ([, value]) => value)
    const similarities = new Float32Array(this.#vectors.length)
    for (const [at, { vector, norm }] of this.#vectors.entries()) {
      let product = 0
      for (let i = 0; i < slots.length; i++) product += (values[i] as number) * (vector[slots[i] as number] as number)
      similarities[at] = norm === 0 ? 0 : Math.max(0, product / norm)
    }
    return similarities
  }
}
