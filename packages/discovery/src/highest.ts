/** The largest of many numbers. */

/** Positions of the `count` highest numbers above 0, highest first; equals by position. */
export function highest(numbers: ArrayLike<number>, count: number): number[] {
  let best: number[] = []
  let bar = 0
  const byNumber = (a: number, b: number) => (numbers[b] ?? 0) - (numbers[a] ?? 0) || a - b
  for (let at = 0; at < numbers.length; at++) {
    if ((numbers[at] ?? 0) <= bar) continue
    best.push(at)
    if (best.length < 4 * count) continue
    best = best.sort(byNumber).slice(0, count)
    bar = numbers[best.at(-1) ?? 0] ?? 0
  }
  return best.sort(byNumber).slice(0, count)
}
