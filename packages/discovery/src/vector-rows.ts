/** Very many vectors of one space, a byte a dimension, each with an owner, and whose are close to a given one. */
import { distance, FAR, SIGN_WORDS, signBits } from './sign-bits.ts'

/** Rows that share memory: the table grows by a block, without copying. */
const BLOCK = 1_024

interface Block {
  readonly numbers: Int8Array
  readonly bits: Uint32Array
  /** Euclidean lengths; 0 for a row that is free, or says nothing. */
  readonly lengths: Float32Array
  /** Whose each row is. */
  readonly owners: Uint32Array
}

/** A vector that is asked with: the numbers that are not zero. */
export interface Probe {
  readonly at: Int32Array
  readonly values: Float32Array
  readonly length: number
  readonly bits: Uint32Array
}

/** The owners of rows, in no order, and in how many sign bits each row differs from what was asked with. */
export interface Near {
  readonly owners: number[]
  readonly apart: number[]
}

export class VectorRows {
  readonly dimensions: number
  readonly #blocks: Block[] = []
  readonly #free: number[] = []
  #end = 0

  constructor(dimensions: number) {
    this.dimensions = dimensions
  }

  get size(): number {
    return this.#end - this.#free.length
  }

  /** Memory taken, bytes. */
  get bytes(): number {
    return this.#blocks.length * BLOCK * (this.dimensions + SIGN_WORDS * 4 + 8)
  }

  /** Keeps a vector of {@link toInt8} and gives its row. `owner`: a number, which {@link near} tells. */
  add(vector: Int8Array, owner: number): number {
    const row = this.#free.pop() ?? this.#end++
    const { block, at } = this.#place(row)
    block.numbers.set(vector, at * this.dimensions)
    block.bits.set(signBits(vector), at * SIGN_WORDS)
    block.owners[at] = owner
    block.lengths[at] = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
    return row
  }

  remove(row: number): void {
    const { block, at } = this.#place(row)
    block.lengths[at] = 0
    this.#free.push(row)
  }

  probe(vector: Float32Array): Probe {
    const at = new Int32Array(vector.length)
    const values = new Float32Array(vector.length)
    let count = 0
    let square = 0
    for (let i = 0; i < vector.length; i++) {
      const value = vector[i] as number
      if (value === 0) continue
      at[count] = i
      values[count++] = value
      square += value * value
    }
    const used = { at: at.subarray(0, count), values: values.subarray(0, count) }
    return { ...used, length: Math.sqrt(square), bits: signBits(vector) }
  }

  /** Cosine of the angle between the probe and a row, -1..1; 0 if either says nothing. */
  similarity({ at, values, length }: Probe, row: number): number {
    const { block, at: place } = this.#place(row)
    const lengths = (block.lengths[place] ?? 0) * length
    if (lengths === 0) return 0
    const from = place * this.dimensions
    let sum = 0
    for (let i = 0; i < at.length; i++)
      sum += (values[i] as number) * (block.numbers[from + (at[i] as number)] as number)
    return sum / lengths
  }

  /** Whose rows differ from the probe in at most so many sign bits as `most` says of each owner, and in how many. */
  near({ bits }: Probe, most: (owner: number) => number): Near {
    const near: Near = { owners: [], apart: [] }
    for (const [number, block] of this.#blocks.entries()) {
      const count = Math.min(BLOCK, this.#end - number * BLOCK)
      for (let at = 0; at < count; at++) {
        const owner = block.owners[at] as number
        const allowed = most(owner)
        if (allowed < 0 || block.lengths[at] === 0) continue
        const apart = distance(bits, block.bits, at * SIGN_WORDS, allowed)
        if (apart === FAR) continue
        near.owners.push(owner)
        near.apart.push(apart)
      }
    }
    return near
  }

  #place(row: number): { block: Block; at: number } {
    const number = Math.floor(row / BLOCK)
    let block = this.#blocks[number]
    if (block === undefined) {
      block = {
        numbers: new Int8Array(BLOCK * this.dimensions),
        bits: new Uint32Array(BLOCK * SIGN_WORDS),
        lengths: new Float32Array(BLOCK),
        owners: new Uint32Array(BLOCK),
      }
      this.#blocks[number] = block
    }
    return { block, at: row % BLOCK }
  }
}

/** The direction of a vector in whole numbers, the largest at ±127 (DISCOVERY.md §2: loses nothing). */
export function toInt8(vector: Float32Array): Int8Array {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1
  return new Int8Array(vector.map(value => Math.round((value / largest) * 127)))
}
