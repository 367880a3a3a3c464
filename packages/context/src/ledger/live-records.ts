/** Which records of a log are still alive at its checkpoint: a function of the log alone. CONTEXT.md §7. */
import { fromBase64url, type Op, type Rec, type RecordId, sha256, toBase64url } from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import { OP_COST } from './segment.ts'

export type AnyRecord = Rec | Opaque
/** A record with the bytes of its op, which quotas count. */
export type Sized = AnyRecord & { readonly size: number }

/**
 * Records of a log, in order, that no later one of the same log takes back or replaces. Of acks, votes, certificates
 * and of what this version can't read nothing is ever dead: what they say may be asked for at any time.
 */
export function liveOf(records: readonly AnyRecord[]): AnyRecord[] {
  const dead = new Set<RecordId>()
  const latest = new Map<string, RecordId>()
  for (const { id, op } of records) {
    if (op === undefined) continue
    if (op.k === 'retract') dead.add(op.of)
    if ('sup' in op && op.sup !== undefined) dead.add(op.sup)
    const key = keyOf(op)
    const before = key === undefined ? undefined : latest.get(key)
    if (before !== undefined) dead.add(before)
    if (key !== undefined) latest.set(key, id)
  }
  return records.filter(({ id }) => !dead.has(id))
}

/** What a later record of the same author stands in place of. */
function keyOf(op: Op): string | undefined {
  switch (op.k) {
    case 'count':
    case 'reg':
      return `${op.k} ${op.name}`
    case 'verify':
      return op.vs === undefined ? `verify ${op.of}` : undefined
    case 'ckpt':
      return 'ckpt'
    default:
      return undefined
  }
}

/** What live records cost of their log's quota. */
export const costOfLive = (live: readonly AnyRecord[]): number =>
  live.reduce((sum, record) => sum + OP_COST + (record as Sized).size, 0)

/** base64url of sha over recordId(24) time(6) seq(6) of each, in order of their numbers. */
export function rootOf(live: readonly Pick<AnyRecord, 'id' | 'time' | 'seq'>[]): string {
  const rows = new Uint8Array(live.length * ROW)
  const view = new DataView(rows.buffer)
  const write48 = (at: number, value: number) => {
    view.setUint16(at, Math.floor(value / 2 ** 32))
    view.setUint32(at + 2, value % 2 ** 32)
  }
  let at = 0
  for (const { id, time, seq } of live) {
    rows.set(fromBase64url(id), at)
    write48(at + 24, time)
    write48(at + 30, seq)
    at += ROW
  }
  return toBase64url(sha256(rows))
}
const ROW = 24 + 6 + 6

/** A checkpoint of a log, as its author states it. */
export interface Checkpoint {
  /** The entry that holds it alone, and the number of its op. */
  readonly seq: number
  readonly n: number
  /** Records alive before it, what they cost of the log's quota, and what all before it cost. */
  readonly live: number
  readonly size: number
  readonly spent: number
}

/** A live record as it travels in a checkpoint. */
export interface LiveOp {
  readonly n: number
  readonly seq: number
  readonly time: number
  readonly bytes: Uint8Array
}
