/** Letters, and what became of them, as many to a message as one may hold. */
import { WIRE_LIMITS } from '@amp-mesh/protocol'

/** The rest is for the head of the message. */
const BYTES = WIRE_LIMITS.message - 32 * 1024

/** In order; `sizeOf`: bytes of an item in a message, at most. No item is too large for a message of its own. */
export function batches<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const found: T[][] = []
  let bytes = 0
  for (const item of items) {
    const size = sizeOf(item)
    const last = found.at(-1)
    if (last === undefined || bytes + size > BYTES || last.length >= WIRE_LIMITS.lettersPerMessage) {
      found.push([item])
      bytes = size
    } else {
      last.push(item)
      bytes += size
    }
  }
  return found
}
