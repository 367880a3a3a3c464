/**
 * The codebook of a neural embedder: its vectors of frozen texts, so the same at every peer that runs it. Beside its
 * words a card is published under the concepts nearest to its vectors, and a request asks for those nearest to its own:
 * so they meet though they share no word.
 */
import type { Embedder } from '@amp-mesh/protocol'
import { LexicalEmbedder } from '../lexical-embedder.ts'
import { CONCEPT_GROUPS } from '../lexicon/concept-groups.ts'
import { cosine } from '../similarity.ts'
import { toInt8 } from '../vector-rows.ts'

export class Codebook {
  readonly #embedder: Embedder
  readonly #signal: AbortSignal | undefined
  #centroids: readonly Int8Array[] = []
  #making: Promise<void> | undefined

  private constructor(embedder: Embedder, signal: AbortSignal | undefined) {
    this.#embedder = embedder
    this.#signal = signal
  }

  /** None for the built-in embedder: its words are keys themselves. `signal`: nobody needs it any more. */
  static of(embedder: Embedder, signal?: AbortSignal): Codebook | undefined {
    return embedder instanceof LexicalEmbedder ? undefined : new Codebook(embedder, signal)
  }

  /** Makes it, once. Rejects as the embedder does; then it can be tried again. */
  prepare(): Promise<void> {
    this.#making ??= this.#make().catch(error => {
      this.#making = undefined
      throw error
    })
    return this.#making
  }

  /** Names of the `count` keys nearest to a vector of the space, nearest first; none before it is made. */
  nearest(vector: ArrayLike<number>, count: number): string[] {
    return this.#centroids
      .map((centroid, at) => ({ at, similarity: cosine(vector, centroid) }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, count)
      .map(({ at }) => `#${this.#embedder.id}/${at}`)
  }

  async #make(): Promise<void> {
    const vectors = await this.#embedder.embed(CONCEPT_GROUPS.trim().split('\n'), this.#signal)
    this.#centroids = vectors.map(toInt8)
  }
}
