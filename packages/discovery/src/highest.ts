/** The largest of many numbers. */

/** Classes of about equal numbers: so many of them are counted that few beyond `count` have to be sorted. */
const CLASSES = 512

/** Positions of the `count` highest numbers above 0, highest first; equals by position. */
export function highest(numbers: ArrayLike<number>, count: number): number[] {
  let largest = 0
  for (let at = 0; at < numbers.length; at++) largest = Math.max(largest, numbers[at] ?? 0)
  const classOf = (number: number) => Math.floor((number / largest) * (CLASSES - 1))
  const sizes = new Uint32Array(CLASSES)
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0
    if (number > 0) sizes[classOf(number)] = (sizes[classOf(number)] ?? 0) + 1
  }
  let lowest = CLASSES - 1
  for (let enough = sizes[lowest] ?? 0; lowest > 0 && enough < count; enough += sizes[lowest] ?? 0) lowest--
  const best: number[] = []
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0
    if (number > 0 && classOf(number) >= lowest) best.push(at)
  }
  return best.sort((a, b) => (numbers[b] ?? 0) - (numbers[a] ?? 0) || a - b).slice(0, count)
}
