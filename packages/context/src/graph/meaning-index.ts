/** Which records mean most nearly the same as some words: an exact search over vectors of one byte a dimension. */
import { type Embedder, GRAPH_LIMITS, type RecordId } from '@amp-mesh/protocol'

export interface Hit {
  readonly id: RecordId
  /** Cosine of the angle between the two vectors. */
  readonly similarity: number
}

/** Rows that share memory. Within a block all first numbers lie side by side, then all second ones … */
interface Block {
  readonly ids: RecordId[]
  readonly columns: Int8Array
  /** Lengths of the vectors. */
  readonly norms: Float64Array
}

const ROWS = 2_048
/** Texts given to the embedder at once; the process does other things in between. */
const BATCH = 128

export class MeaningIndex {
  readonly #embedder: Embedder
  readonly #pause: () => Promise<void>
  readonly #known = new Set<RecordId>()
  readonly #waiting: { id: RecordId; text: string }[] = []
  readonly #blocks: Block[] = []
  #embedding: Promise<void> = Promise.resolve()

  /** `pause` resolves once others had their turn. */
  constructor(embedder: Embedder, pause: () => Promise<void>) {
    this.#embedder = embedder
    this.#pause = pause
  }

  /** Takes note of a record; its vector is made in `settle`. */
  add(id: RecordId, text: string): void {
    if (text === '' || this.#known.has(id)) return
    this.#known.add(id)
    this.#waiting.push({ id, text })
  }

  /** Embeds what was added. Rejects as the embedder does; what is left then is tried again next time. */
  settle(): Promise<void> {
    this.#embedding = this.#embedding.catch(() => {}).then(() => this.#embedWaiting())
    return this.#embedding
  }

  /** The best `k` among those that `accept` takes, closest first, then by id. */
  async nearest(text: string, k: number, accept: (id: RecordId) => boolean, signal?: AbortSignal): Promise<Hit[]> {
    const [vector = new Float32Array()] = await this.#embedder.embed([text], signal)
    const { numbers, norm } = quantised(vector)
    if (norm === 0) return []
    const best = new Best(k)
    const sums = new Int32Array(ROWS)
    for (const block of this.#blocks) {
      sums.fill(0)
      const rows = block.ids.length
      numbers.forEach((number, dimension) => {
        if (number !== 0) addColumn(sums, block.columns, dimension * ROWS, rows, number)
      })
      for (let row = 0; row < rows; row++) {
        const similarity = (sums[row] ?? 0) / (norm * (block.norms[row] ?? 1))
        const id = block.ids[row] as RecordId
        if (similarity > 0 && best.wouldTake(similarity, id) && accept(id)) best.take({ id, similarity })
      }
    }
    return best.hits
  }

  async #embedWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH)
      const vectors = await this.#embedder.embed(batch.map(({ text }) => text))
      vectors.forEach((vector, i) => {
        const id = batch[i]?.id
        if (id !== undefined) this.#store(id, vector)
      })
      this.#waiting.splice(0, BATCH)
      await this.#pause()
    }
  }

  #store(id: RecordId, vector: Float32Array): void {
    const { numbers, norm } = quantised(vector)
    if (norm === 0) return // no word of it says anything
    const block = this.#blockWithRoom()
    const row = block.ids.push(id) - 1
    block.norms[row] = norm
    numbers.forEach((number, dimension) => {
      block.columns[dimension * ROWS + row] = number
    })
  }

  #blockWithRoom(): Block {
    const last = this.#blocks.at(-1)
    if (last !== undefined && last.ids.length < ROWS) return last
    const bytes = this.#embedder.dimensions * ROWS
    if ((this.#blocks.length + 1) * bytes > GRAPH_LIMITS.vectorBytes) this.#blocks.shift()
    const block = { ids: [], columns: new Int8Array(bytes), norms: new Float64Array(ROWS) }
    this.#blocks.push(block)
    return block
  }
}

/** Whole numbers -127..127 in the vector's direction, the largest at ±127: their sums are the same everywhere. */
function quantised(vector: Float32Array): { numbers: Int8Array; norm: number } {
  let largest = 0
  for (const x of vector) largest = Math.max(largest, Math.abs(x))
  const numbers = new Int8Array(vector.length)
  let square = 0
  if (largest > 0)
    for (let i = 0; i < vector.length; i++) {
      const number = Math.round(((vector[i] ?? 0) / largest) * 127)
      numbers[i] = number
      square += number * number
    }
  return { numbers, norm: Math.sqrt(square) }
}

function addColumn(sums: Int32Array, columns: Int8Array, from: number, rows: number, factor: number): void {
  for (let row = 0; row < rows; row++) sums[row] = (sums[row] ?? 0) + factor * (columns[from + row] ?? 0)
}

/** The best hits so far, best first. */
class Best {
  readonly hits: Hit[] = []
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  wouldTake(similarity: number, id: RecordId): boolean {
    if (this.hits.length < this.#size) return true
    const last = this.hits.at(-1)
    return last !== undefined && isBetter({ id, similarity }, last)
  }

  take(hit: Hit): void {
    const at = this.hits.findIndex(other => isBetter(hit, other))
    this.hits.splice(at < 0 ? this.hits.length : at, 0, hit)
    if (this.hits.length > this.#size) this.hits.pop()
  }
}

const isBetter = (a: Hit, b: Hit): boolean =>
  a.similarity > b.similarity || (a.similarity === b.similarity && a.id < b.id)
