/** What replicas tell each other of how far they hold a log. */
import { type Head, sha256, toBase64url, u48, utf8 } from '@amp-mesh/protocol'
import type { Log } from './log.ts'

/** Of a forked log, `seq` is the fork point and `hash` that of the entry before it. */
export function headOf(log: Log): Head {
  const base = { pub: log.by, epoch: log.epoch }
  if (log.fork === undefined)
    return { ...base, seq: log.length - 1, hash: hash16(log.hashAt(log.length - 1) as Uint8Array) }
  const before = log.hashAt(log.fork.at - 1) as Uint8Array
  const digest = sha256(utf8('fork'), before, u48(log.fork.at))
  return { ...base, seq: log.fork.at, hash: hash16(before), fork: hash16(digest) }
}

const hash16 = (hash: Uint8Array) => toBase64url(hash.subarray(0, 16))
