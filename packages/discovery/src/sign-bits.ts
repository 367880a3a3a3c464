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

/** Further apart than any two are. */
export const FAR = SIGN_BITS + 1
/** Bits by which a distance is off for one pair of vectors in seven hundred: three standard deviations. */
const MARGIN = 1.5 * Math.sqrt(SIGN_BITS)
/** Distances that are let through, by cosine in steps of a 256th. */
const STEPS = 256
const mostBits = Uint16Array.from({ length: STEPS + 1 }, (_, step) =>
  Math.min(SIGN_BITS, Math.ceil((Math.acos(step / STEPS) / Math.PI) * SIGN_BITS + MARGIN)),
)
/** The same for the first 128 and 256 bits: how much further than their share they may be. */
const slack = (bits: number) => 1.5 * Math.sqrt(bits) - (MARGIN * bits) / SIGN_BITS
const [SLACK_128, SLACK_256] = [slack(128), slack(256)]

/** In at most how many bits vectors of this cosine, or a higher one, are likely to differ; -1 above 1. */
export function mostApart(cosine: number): number {
  if (cosine > 1) return -1
  return cosine <= 0 ? SIGN_BITS : (mostBits[Math.floor(cosine * STEPS)] as number)
}

/**
 * In how many bits the vector whose words begin at `from` differs from `bits`; `FAR` where these are more than `most`,
 * or the first of them leave little hope that they are not.
 */
export function distance(bits: Uint32Array, words: Uint32Array, from: number, most = SIGN_BITS): number {
  let apart = onesApart(bits, words, from, 0)
  if (apart > most / 4 + SLACK_128) return FAR
  apart += onesApart(bits, words, from, 4)
  if (apart > most / 2 + SLACK_256) return FAR
  apart += onesApart(bits, words, from, 8) + onesApart(bits, words, from, 12)
  return apart > most ? FAR : apart
}

/** Of four words, beginning with the n-th. */
function onesApart(bits: Uint32Array, words: Uint32Array, from: number, n: number): number {
  const a = onesInNibbles((bits[n] as number) ^ (words[from + n] as number))
  const b = onesInNibbles((bits[n + 1] as number) ^ (words[from + n + 1] as number))
  const c = onesInNibbles((bits[n + 2] as number) ^ (words[from + n + 2] as number))
  const d = onesInNibbles((bits[n + 3] as number) ^ (words[from + n + 3] as number))
  const ab = a + b
  const cd = c + d
  const inBytes = (ab & 0x0f0f0f0f) + ((ab >>> 4) & 0x0f0f0f0f) + (cd & 0x0f0f0f0f) + ((cd >>> 4) & 0x0f0f0f0f)
  return Math.imul(inBytes, 0x01010101) >>> 24
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
