/** Yjs client ids of the projection: derived from logs and records, never chosen (CONTEXT.md §8). */
import { type LogId, type RecordId, sha256, utf8 } from '@amp-mesh/protocol'

/** Bit 52: higher than every log's id, so that what stands under it wins its key on every replica. */
const OWN_BIT = 2 ** 52

/** Client of a log: the low 52 bits of sha("yclient" ‖ logId). The op number is the clock. */
export const logClient = (log: LogId): number => low52(sha256(utf8(`yclient${log}`)))

/** Client of one record whose place under its log is taken, as after a fork. `salt`: the next, should that be too. */
export const recordClient = (record: RecordId, salt: number): number =>
  OWN_BIT + low52(sha256(utf8(`yrecord${record}${salt === 0 ? '' : salt}`)))

function low52(hash: Uint8Array): number {
  const view = new DataView(hash.buffer, hash.byteOffset + hash.length - 8, 8)
  return (view.getUint32(0) & 0xfffff) * 2 ** 32 + view.getUint32(4)
}
