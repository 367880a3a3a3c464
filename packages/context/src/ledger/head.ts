/** How far a log is held, as neighbours tell each other. */
import type { Head } from '@amp-mesh/protocol'
import { hash16 } from './acks.ts'
import type { Log } from './log.ts'
import { digestOf } from './resolution.ts'

/**
 * Of a forked log, `seq` is the fork point, `hash` that of the entry before it, and `fork` the digest of what was
 * decided: equal for peers that cut it alike.
 */
export function headOf(log: Log): Head {
  const base = { pub: log.by, epoch: log.epoch }
  const at = log.fork?.at
  if (at === undefined) return { ...base, seq: log.length - 1, hash: hash16(log.hashAt(log.length - 1) as Uint8Array) }
  const hash = hash16(log.hashAt(at - 1) as Uint8Array)
  return { ...base, seq: at, hash, fork: hash16(digestOf(at, log, log.length - 1)) }
}
