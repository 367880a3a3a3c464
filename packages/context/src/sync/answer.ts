/** What a neighbour is given of what it wants: pure functions over the index; the bytes come from the store. */
import type { Head, LogId, PeerId, PublicKey, Range } from '@amp-mesh/protocol'
import { isShortcut } from '../ledger/checkpoint.ts'
import { headOf } from '../ledger/head.ts'
import type { Checkpoint } from '../ledger/live-records.ts'
import type { Log } from '../ledger/log.ts'
import type { Outgoing, Serve } from './sync-message.ts'
import { type Neighbour, type SyncState, withHeads, withNeighbour } from './sync-state.ts'

/** What the conversation needs to know of the ledger. */
export interface Held {
  heads(): Head[]
  /** Throws `bad-input` for what is no key. */
  idOf(pub: PublicKey, epoch: number): LogId
  log(id: LogId): Log | undefined
  takes(pub: PublicKey, epoch: number): boolean
  /** Where others may begin a log. */
  readonly checkpoints: { provenOf(log: Log): Checkpoint | undefined }
}

export interface Step {
  readonly state: SyncState
  readonly send: readonly Outgoing[]
}

/** One step after the other, and all that is to be sent. */
export function chain<T>(state: SyncState, items: Iterable<T>, next: (state: SyncState, item: T) => Step): Step {
  const send: Outgoing[] = []
  let current = state
  for (const item of items) {
    const step = next(current, item)
    current = step.state
    send.push(...step.send)
  }
  return { state: current, send }
}

/** Bytes one neighbour may want at once, and per second after: a want is small, its answer is not. */
const ALLOWANCE = 64 * 1024 * 1024
const ALLOWANCE_PER_SECOND = 32 * 1024 * 1024

export const fullAllowance = (now: number): Neighbour['allowance'] => ({ bytes: ALLOWANCE, at: now })

/**
 * Entries of a range as far as the neighbour's allowance reaches; where the range reaches a fork point, all that is
 * held of the log from there on.
 */
export function answer(state: SyncState, held: Held, to: PeerId, range: Range, now: number): Step {
  const id = held.idOf(range.pub, range.epoch)
  const log = held.log(id)
  const neighbour = state.neighbours.get(to)
  if (log === undefined || neighbour === undefined || !held.takes(range.pub, range.epoch)) return { state, send: [] }
  const checkpoint = beginning(log, range, held)
  // of a log that begins here with a checkpoint there is nothing else to give
  if (checkpoint === undefined && range.from < log.trunk.start) return { state, send: [] }
  const from = checkpoint === undefined ? range.from : checkpoint.seq
  const allowed = refilled(neighbour.allowance, now) - (checkpoint?.size ?? 0)
  const isForked = log.fork !== undefined && range.to >= log.fork.at
  const wanted = isForked ? log.trunk.end : Math.min(range.to, log.trunk.end)
  const last = reach(log, from, wanted, allowed)
  const bytes = last < wanted ? 0 : allowed - log.trunk.bytesIn(from, last)
  const told = bytes > 0 && range.to >= log.length - 1 ? withHeads(state, to, [[id, headOf(log)]]) : state
  const left = { ...(told.neighbours.get(to) as Neighbour), allowance: { bytes, at: now } }
  const serve: Serve = {
    type: 'serve',
    log: id,
    from,
    to: last,
    ...(checkpoint !== undefined && { checkpoint: true }),
    ...(isForked && bytes > 0 && { fork: 'branches' }),
  }
  const isEmpty = last < from && serve.fork === undefined
  return { state: withNeighbour(told, to, left), send: isEmpty ? [] : [[to, serve]] }
}

/** The checkpoint that whoever holds nothing of a log may begin with. */
function beginning(log: Log, range: Range, held: Held): Checkpoint | undefined {
  const { trunk } = log
  // who wants entries is given them where they are; else nothing but the checkpoint is left
  if (range.entries === true && trunk.start === 0) return undefined
  if (range.from >= Math.max(trunk.start, 1)) return undefined
  const checkpoint = held.checkpoints.provenOf(log)
  if (checkpoint === undefined || range.to < checkpoint.seq) return undefined
  // where the entries are still here, they are given unless the checkpoint spares most of them
  return trunk.start > 0 || isShortcut(checkpoint) ? checkpoint : undefined
}

/** Last entry of [from, to] that so many bytes reach; below `from` when they don't reach the first. */
function reach(log: Log, from: number, to: number, bytes: number): number {
  let low = from - 1
  let high = to
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (log.trunk.bytesIn(from, middle) <= bytes) low = middle
    else high = middle - 1
  }
  return low
}

const refilled = (allowance: Neighbour['allowance'], now: number) =>
  Math.min(ALLOWANCE, allowance.bytes + ((now - allowance.at) / 1_000) * ALLOWANCE_PER_SECOND)
