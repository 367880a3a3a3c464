/**
 * Vectors as 512 bits: the share of bits in which two differ grows with the angle between the vectors. A first look at
 * very many of them (DISCOVERY.md §3).
 */

export const SIGN_BITS = 512
/** 32-bit words of one vector's bits. */
export const SIGN_WORDS = SIGN_BITS / 32

/**
 * The signs of 512 random but fixed directions. A vector of few numbers that are not zero, as a short request's, has
 * no sign in most of its own dimensions; a Hadamard transform spreads each number over all bits.
 */
export function signBits(vector: ArrayLike<number>): Uint32Array {
  const spread = new Float64Array(SIGN_BITS)
  for (let i = 0; i < vector.length; i++) {
    const at = i % SIGN_BITS
    spread[at] = (spread[at] ?? 0) + (isFlipped(i) ? -(vector[i] ?? 0) : (vector[i] ?? 0))
  }
  hadamard(spread)
  const bits = new Uint32Array(SIGN_WORDS)
  for (let i = 0; i < SIGN_BITS; i++)
    if ((spread[i] ?? 0) > 0) bits[i >> 5] = ((bits[i >> 5] ?? 0) | (1 << (i & 31))) >>> 0
  return bits
}

/** In how many bits the vector whose words begin at `from` differs from `bits`. */
export function distance(bits: Uint32Array, words: Uint32Array, from: number): number {
  let inBytes = 0
  for (let i = 0; i < SIGN_WORDS; i += 2) {
    const a = onesInNibbles((bits[i] ?? 0) ^ (words[from + i] ?? 0))
    const sum = a + onesInNibbles((bits[i + 1] ?? 0) ^ (words[from + i + 1] ?? 0))
    inBytes += (sum & 0x0f0f0f0f) + ((sum >>> 4) & 0x0f0f0f0f) // at most 128 in each
  }
  const inHalves = (inBytes & 0x00ff00ff) + ((inBytes >>> 8) & 0x00ff00ff)
  return (inHalves + (inHalves >>> 16)) & 0xffff
}

/** How many of each four bits are set, 0..4, in place of them. */
function onesInNibbles(word: number): number {
  const inPairs = word - ((word >>> 1) & 0x55555555)
  return (inPairs & 0x33333333) + ((inPairs >>> 2) & 0x33333333)
}

/** A fixed coin for each dimension (the finaliser of MurmurHash3). */
function isFlipped(dimension: number): boolean {
  let hash = Math.imul(dimension + 1, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) & 1) === 1
}

/** The Walsh-Hadamard transform, in place; the length is a power of two. */
function hadamard(numbers: Float64Array): void {
  for (let half = 1; half < numbers.length; half *= 2)
    for (let from = 0; from < numbers.length; from += 2 * half)
      for (let i = from; i < from + half; i++) {
        const a = numbers[i] ?? 0
        const b = numbers[i + half] ?? 0
        numbers[i] = a + b
        numbers[i + half] = a - b
      }
}
