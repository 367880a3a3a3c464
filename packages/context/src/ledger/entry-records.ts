/** Rule R10: what the ops of an accepted entry are: records, opaque ones, or nothing but numbers. */
import { EDIT_TAG, type Rec, type SpaceLimits } from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import type { Hasher } from './hasher.ts'
import type { Hole } from './hole.ts'
import type { Sized } from './live-records.ts'
import type { Log } from './log.ts'
import { readRecordOp } from './op.ts'
import { type Entry, isForgotten } from './segment.ts'

/** The log an entry is in, and its place there: its sequence, and the number of its first op. */
export interface Place extends Pick<Log, 'id' | 'ascii' | 'by'> {
  readonly seq: number
  readonly nextOp: number
}

/** What an entry says, and the ops whose bytes it lacks. */
export interface EntryRecords {
  readonly records: (Rec | Opaque)[]
  readonly lacking: Hole[]
}

/** Records of the entry at `place`. `rows`: lengths and hashes of its ops. */
export function recordsOf(
  { id: logId, ascii, by, seq, nextOp }: Place,
  { time, ops }: Entry,
  rows: Uint8Array,
  hasher: Hasher,
  limits: SpaceLimits,
): EntryRecords {
  const records: (Rec | Opaque)[] = []
  const lacking: Hole[] = []
  const texts = ops.length > 1 ? textsOf(ops) : undefined
  for (let k = 0; k < ops.length; k++) {
    const bytes = ops[k] as Entry['ops'][number]
    const n = nextOp + k
    if (isForgotten(bytes)) {
      lacking.push({ log: logId, by, seq, n, length: bytes.length, id: hasher.recordId(ascii, n, rows, k) })
      continue
    }
    const read = readRecordOp(texts?.[k] ?? bytes, limits)
    if (read === undefined) continue
    const { op } = read
    // one shape for all records: a million of them share it
    const id = hasher.recordId(ascii, n, rows, k)
    records.push({ id, by, log: logId, seq, n, time, op, size: bytes.length } as Sized)
  }
  return { records, lacking }
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
  const isClean = !text.includes('\ufffd')
  return ops.map(op => {
    if (isForgotten(op) || op[0] === EDIT_TAG) return undefined // edits are bytes, whatever they look like
    const at = op.byteOffset - first.byteOffset
    const own = text.slice(at, at + op.length)
    return isClean || !own.includes('\ufffd') ? own : undefined
  })
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
