/** How close two vectors of one space are, and which of many is closest: "is this said already?" */

/** Cosine of the angle, -1..1; 0 if either is all zeros. Throws a RangeError on different lengths. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`vectors of two spaces: ${a.length} and ${b.length} dimensions`)
  let product = 0
  let squareA = 0
  let squareB = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0
    const y = b[i] ?? 0
    product += x * y
    squareA += x * x
    squareB += y * y
  }
  return product === 0 ? 0 : product / Math.sqrt(squareA * squareB)
}

/** The most similar of `others`, or undefined if there is none. */
export function nearest(
  vector: ArrayLike<number>,
  others: Iterable<ArrayLike<number>>,
): { index: number; similarity: number } | undefined {
  let best: { index: number; similarity: number } | undefined
  let index = 0
  for (const other of others) {
    const similarity = cosine(vector, other)
    if (best === undefined || similarity > best.similarity) best = { index, similarity }
    index++
  }
  return best
}
