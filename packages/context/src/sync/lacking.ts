/** What we lack of a log, as somebody's head of it shows. */
import { fromBase64url } from '@amp-mesh/protocol'
import { isEntry } from '../ledger/acks.ts'
import { headOf } from '../ledger/head.ts'
import type { Log } from '../ledger/log.ts'
import type { KnownHead } from './sync-state.ts'

/** Entries to ask for, both ends included. */
export interface Lack {
  readonly from: number
  readonly to: number
}

/**
 * Undefined: nothing. A single entry before our end is the first step back on a chain that parts from ours; a range
 * that reaches a fork point is answered with all that is held of the log's histories.
 */
export function lackingOf(mine: Log | undefined, head: KnownHead): Lack | undefined {
  if (head.fork !== undefined) return lackingOfForked(mine, head)
  if (mine?.fork !== undefined) return lackingBesideFork(mine, mine.fork.at, head)
  const length = mine?.length ?? 0
  if (head.seq >= length) return { from: length, to: head.seq }
  return agrees(mine, head.seq, head.hash) ? undefined : step(head.seq)
}

/** They know of a fork. */
function lackingOfForked(mine: Log | undefined, head: KnownHead): Lack | undefined {
  const length = mine?.fork?.at ?? mine?.length ?? 0
  if (length < head.seq) return mine?.fork === undefined ? { from: length, to: head.seq } : undefined
  if (head.seq > 0 && !agrees(mine, head.seq - 1, head.hash)) return step(head.seq - 1)
  return mine?.fork !== undefined && headOf(mine).fork === head.fork ? undefined : step(head.seq)
}

/** We know of a fork and they don't, yet: they may hold more of one of its histories, or a third. */
function lackingBesideFork(mine: Log, at: number, { seq, hash }: KnownHead): Lack | undefined {
  if (seq < at) return agrees(mine, seq, hash) ? undefined : step(seq)
  if (hash === undefined) return undefined
  const histories = [mine.trunk, ...(mine.fork?.others ?? [])]
  return histories.some(history => isEntry(history, seq, hash)) ? undefined : { from: at, to: seq }
}

/** True also where we can't tell. */
const agrees = (mine: Log | undefined, seq: number, hash: string | undefined) =>
  mine === undefined || hash === undefined || mine.agrees(seq, fromBase64url(hash)) !== false

const step = (seq: number): Lack => ({ from: seq, to: seq })
