/**
 * Ops that are never forgotten: what others count on, and could not count on if its author took it back from some of
 * them. Their bytes say so where they begin, and the chain says so too: the hash of such an op can't stand for it.
 */
import type { Op } from '@amp-mesh/protocol'

/** What canonical JSON of these kinds begins with, and in the end what it ends with. */
const FRAMES: readonly (readonly [begins: string, ends: string])[] = [
  ['{"heads":[', ',"k":"ack"}'],
  ['{"k":"admit"', ''],
  ['{"e":0,"k":"cert"', ''],
  ['{"k":"ckpt"', ''],
  ['{"erase":true,"k":"retract"', ''],
]
const THIRDS: ReadonlySet<number | undefined> = new Set(FRAMES.map(([begins]) => begins.charCodeAt(2)))

/** By its bytes alone: whoever hashes the op has to know. */
export function isKept(op: Uint8Array): boolean {
  if (!THIRDS.has(op[2])) return false
  return FRAMES.some(([begins, ends]) => hasAt(op, 0, begins) && hasAt(op, op.length - ends.length, ends))
}

/** What such ops say: acks, admissions, certificates, checkpoints, erasures. */
export const isOfKeptKind = (op: Op): boolean =>
  op.k === 'retract' ? op.erase === true : op.k === 'ack' || op.k === 'admit' || op.k === 'cert' || op.k === 'ckpt'

function hasAt(op: Uint8Array, at: number, part: string): boolean {
  for (let i = 0; i < part.length; i++) if (op[at + i] !== part.charCodeAt(i)) return false
  return true
}
