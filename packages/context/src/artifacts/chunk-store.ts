/** The chunks of a space's artifacts on disk, by their content id; which are there is known without reading them. */
import { ARTIFACT_LIMITS, type SpaceId, type Storage, type StorageOp } from '@amp-mesh/protocol'
import { prefixEnd } from '../store/prefix-end.ts'

export class ChunkStore {
  readonly #storage: Storage
  readonly #prefix: string
  /** By artifact a bit a chunk: what can be read, and what the disk will say once it has all that is being written. */
  readonly #held = new Map<string, Uint8Array>()
  readonly #noted = new Map<string, Uint8Array>()

  static async open(storage: Storage, space: SpaceId): Promise<ChunkStore> {
    const store = new ChunkStore(storage, space)
    const from = `${store.#prefix}held/`
    for await (const [key, bits] of storage.range(from, prefixEnd(from)))
      for (const map of [store.#held, store.#noted]) map.set(key.slice(from.length), bits.slice())
    return store
  }

  private constructor(storage: Storage, space: SpaceId) {
    this.#storage = storage
    this.#prefix = `artifact/${space}/`
  }

  /** Content ids of which something is here. */
  all(): string[] {
    return [...this.#noted.keys()]
  }

  has(content: string, n: number): boolean {
    return isMarked(this.#held.get(content), n)
  }

  /** It is held, or being written. */
  expects(content: string, n: number): boolean {
    return isMarked(this.#noted.get(content), n)
  }

  count(content: string): number {
    return Array.from({ length: ARTIFACT_LIMITS.chunks }, (_, n) => n).filter(n => this.has(content, n)).length
  }

  async get(content: string, n: number): Promise<Uint8Array | undefined> {
    return this.has(content, n) ? this.#storage.get(this.#key(content, n)) : undefined
  }

  /** Resolves when the chunks survive a power cut. The caller has checked their hashes. */
  put(content: string, chunks: ReadonlyMap<number, Uint8Array>): Promise<void> {
    const puts = [...chunks].map(([n, value]) => ({ put: this.#key(content, n), value }))
    return this.#write(content, puts, [...chunks.keys()], true)
  }

  /** Chunk n is not what it was: it counts as not held. */
  async lose(content: string, n: number): Promise<void> {
    if (this.has(content, n)) await this.#write(content, [{ del: this.#key(content, n) }], [n], false)
  }

  /** Forgets an artifact. */
  async drop(content: string): Promise<void> {
    this.#held.delete(content)
    if (!this.#noted.delete(content)) return
    const numbers = Array.from({ length: ARTIFACT_LIMITS.chunks }, (_, n) => n)
    const chunks = numbers.map(n => ({ del: this.#key(content, n) }))
    await this.#storage.write([{ del: `${this.#prefix}held/${content}` }, ...chunks])
  }

  /** The bits change with the chunks, or neither does; a chunk counts as held when it can be read. */
  async #write(content: string, ops: StorageOp[], numbers: readonly number[], held: boolean): Promise<void> {
    const noted = this.#noted.get(content) ?? new Uint8Array(ARTIFACT_LIMITS.chunks / 8)
    this.#noted.set(content, noted)
    mark(noted, numbers, held)
    if (!held) mark(this.#held.get(content), numbers, held)
    await this.#storage.write([...ops, { put: `${this.#prefix}held/${content}`, value: noted.slice() }])
    if (!held || this.#noted.get(content) !== noted) return // dropped meanwhile
    const bits = this.#held.get(content) ?? new Uint8Array(noted.length)
    this.#held.set(content, bits)
    mark(bits, numbers, held)
  }

  #key(content: string, n: number): string {
    return `${this.#prefix}chunk/${content}/${String(n).padStart(3, '0')}`
  }
}

const isMarked = (bits: Uint8Array | undefined, n: number): boolean => (((bits?.[n >> 3] ?? 0) >> (n & 7)) & 1) === 1

function mark(bits: Uint8Array | undefined, numbers: readonly number[], held: boolean): void {
  if (bits === undefined) return
  for (const n of numbers)
    bits[n >> 3] = held ? (bits[n >> 3] ?? 0) | (1 << (n & 7)) : (bits[n >> 3] ?? 0) & ~(1 << (n & 7))
}
