/** Live records of a checkpoint as they travel and are stored: n(6) seq(6) time(6) length(4) op each, in parts. */
import { concat, DecodeError, u48, WIRE_LIMITS } from '@amp-mesh/protocol'
import type { LiveOp } from './live-records.ts'

const HEAD = 6 + 6 + 6 + 4

/** In order, as many together as one message holds. */
export function encodeLive(live: readonly LiveOp[]): Uint8Array[] {
  const parts: Uint8Array[] = []
  let open: Uint8Array[] = []
  let length = 0
  for (const { n, seq, time, bytes } of live) {
    if (length + HEAD + bytes.length > WIRE_LIMITS.checkpointPart) {
      parts.push(concat(...open))
      open = []
      length = 0
    }
    open.push(u48(n), u48(seq), u48(time), u48(bytes.length).subarray(2), bytes)
    length += HEAD + bytes.length
  }
  return open.length > 0 ? [...parts, concat(...open)] : parts
}

/** Throws DecodeError `bad-segment`. The ops share memory with `bytes`. */
export function decodeLive(bytes: Uint8Array): LiveOp[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const number = (at: number) => view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2)
  const live: LiveOp[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + HEAD + (at + HEAD <= bytes.length ? view.getUint32(at + 18) : 0)
    if (at + HEAD > bytes.length || end > bytes.length)
      throw new DecodeError('bad-segment', 'not records of a checkpoint')
    live.push({ n: number(at), seq: number(at + 6), time: number(at + 12), bytes: bytes.subarray(at + HEAD, end) })
    at = end
  }
  return live
}
