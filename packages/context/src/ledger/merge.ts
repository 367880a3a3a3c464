/** Adjacent segments of one log made one: the entries of both under the signature of the last. CONTEXT.md §3. */
import { concat, equalBytes, LEDGER_LIMITS, WIRE_LIMITS } from '@amp-mesh/protocol'
import { rangeOf, roomIn, SEGMENT_HEAD, SIGNATURE, withCount } from './segment.ts'

export interface StoredSegment {
  readonly from: number
  /** Sequence of its last entry. */
  readonly to: number
  readonly bytes: Uint8Array
}

/** Joins segments, given in order, into as few as the bounds allow; where they don't adjoin a new one begins. */
export class Merger {
  #open: Uint8Array[] = []
  #from = 0
  #next = 0
  /** Bytes that it can have. */
  #room = 0

  /** The segment that is complete now, if any. */
  add(bytes: Uint8Array): StoredSegment | undefined {
    const range = rangeOf(bytes)
    const room = roomIn(bytes)
    const fits =
      range.from === this.#next &&
      isOneLog(this.#open[0], bytes) &&
      range.to - this.#from < LEDGER_LIMITS.entriesPerSegment &&
      this.#room + room - OVERHEAD <= WIRE_LIMITS.segment
    const complete = fits ? undefined : this.end()
    if (this.#open.length === 0) this.#from = range.from
    this.#room += room - (this.#open.length === 0 ? 0 : OVERHEAD)
    this.#next = range.to + 1
    this.#open.push(bytes)
    return complete
  }

  end(): StoredSegment | undefined {
    const complete = this.#open.length === 0 ? undefined : join(this.#open)
    this.#open = []
    this.#room = 0
    return complete
  }
}

export async function* merged(segments: AsyncIterable<Uint8Array>): AsyncIterable<StoredSegment> {
  const merger = new Merger()
  for await (const bytes of segments) {
    const complete = merger.add(bytes)
    if (complete !== undefined) yield complete
  }
  const last = merger.end()
  if (last !== undefined) yield last
}

const OVERHEAD = SEGMENT_HEAD + SIGNATURE

/** Key and epoch come first in a segment. */
const isOneLog = (a: Uint8Array | undefined, b: Uint8Array) =>
  a !== undefined && equalBytes(a.subarray(0, LOG_BYTES), b.subarray(0, LOG_BYTES))
const LOG_BYTES = 32 + 6

function join(parts: readonly Uint8Array[]): StoredSegment {
  const [first, last] = [parts[0] as Uint8Array, parts.at(-1) as Uint8Array]
  const [{ from }, { to }] = [rangeOf(first), rangeOf(last)]
  if (parts.length === 1) return { from, to, bytes: first }
  const entries = parts.map(part => part.subarray(SEGMENT_HEAD, part.length - SIGNATURE))
  const head = withCount(first.subarray(0, SEGMENT_HEAD), to - from + 1)
  return { from, to, bytes: concat(head, ...entries, last.subarray(last.length - SIGNATURE)) }
}
