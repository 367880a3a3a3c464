/** Rule R10: what the ops of an accepted entry are: records, opaque ones, or nothing but numbers. */
import type { Rec, SpaceLimits } from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import type { Hasher } from './hasher.ts'
import type { Log } from './log.ts'
import { readRecordOp } from './op.ts'
import { type Entry, isForgotten } from './segment.ts'

/** The log an entry is in, and its place there: its sequence, and the number of its first op. */
export interface Place extends Pick<Log, 'id' | 'ascii' | 'by'> {
  readonly seq: number
  readonly nextOp: number
}

/** Records of the entry at `place`. `leaves`: the hashes of its ops. */
export function recordsOf(
  { id: logId, ascii, by, seq, nextOp }: Place,
  { time, ops }: Entry,
  leaves: Uint8Array,
  hasher: Hasher,
  limits: SpaceLimits,
): (Rec | Opaque)[] {
  const records: (Rec | Opaque)[] = []
  const texts = ops.length > 1 ? textsOf(ops) : undefined
  for (let k = 0; k < ops.length; k++) {
    const bytes = ops[k] as Entry['ops'][number]
    const read = isForgotten(bytes) ? undefined : readRecordOp(texts?.[k] ?? bytes, limits)
    if (read === undefined) continue
    const { op } = read
    const n = nextOp + k
    // one shape for all records: a million of them share it
    const id = hasher.recordId(ascii, n, leaves, k)
    records.push({ id, by, log: logId, seq, n, time, op } as Rec | Opaque)
  }
  return records
}

/**
 * Decoding costs by the call more than by the byte, so the ops of an entry, which stand behind each other in their
 * segment, are decoded together. Where every byte makes one character each op's text is found by its place; an op with
 * a character that stands for bytes which are no UTF-8, and everything else, is left to be read on its own.
 */
function textsOf(ops: Entry['ops']): (string | undefined)[] | undefined {
  const [first, last] = [ops[0], ops.at(-1)]
  if (first === undefined || last === undefined || isForgotten(first) || isForgotten(last)) return undefined
  const length = last.byteOffset + last.length - first.byteOffset
  if (first.buffer !== last.buffer || length < first.length) return undefined
  const text = decoder.decode(new Uint8Array(first.buffer, first.byteOffset, length))
  if (text.length !== length) return undefined
  return ops.map(op => {
    if (isForgotten(op)) return undefined
    const at = op.byteOffset - first.byteOffset
    const own = text.slice(at, at + op.length)
    return own.includes('\ufffd') ? undefined : own
  })
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
