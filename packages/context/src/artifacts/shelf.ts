/** Artifacts as they lie in a store, read without taking part in their space. */
import type { Hash, Op, SpaceId, Storage } from '@amp-mesh/protocol'
import { concat, digestOf, toBase64url } from '@amp-mesh/protocol'
import { chunkHashes, contentOf, isChunk, isConsistent } from './artifact.ts'
import { ChunkStore } from './chunk-store.ts'

export class Shelf {
  readonly #store: ChunkStore
  readonly #hash: Hash

  static async open(storage: Storage, space: SpaceId, hash: Hash): Promise<Shelf> {
    return new Shelf(await ChunkStore.open(storage, space), hash)
  }

  private constructor(store: ChunkStore, hash: Hash) {
    this.#store = store
    this.#hash = hash
  }

  /** Share of its chunks that are here, 0 to 1. */
  held(op: Op<'artifact'>): number {
    const hashes = chunkHashes(op)
    return hashes.filter((_, n) => this.#store.has(contentOf(op), n)).length / hashes.length
  }

  /** The contents, checked by their hashes; undefined when they are not all here. */
  async read(op: Op<'artifact'>): Promise<Uint8Array | undefined> {
    if (!isConsistent(op)) return undefined
    const chunks = await Promise.all(chunkHashes(op).map((_, n) => this.#store.get(contentOf(op), n)))
    const whole = chunks.flatMap((chunk, n) =>
      chunk !== undefined && isChunk(op, n, chunk, this.#hash) ? [chunk] : [],
    )
    const bytes = whole.length === chunks.length ? concat(...whole) : undefined
    return bytes !== undefined && toBase64url(digestOf(bytes, this.#hash)) === op.sha256 ? bytes : undefined
  }
}
