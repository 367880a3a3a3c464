/** What a neighbour is given of what it wants. */
import type { LogId, PeerId, Range } from '@amp-mesh/protocol'
import { headOf } from './ledger/head.ts'
import type { Log } from './ledger/log.ts'
import type { Outgoing, Serve } from './sync-message.ts'
import { type Held, type Neighbour, type Step, type SyncState, withHeads, withNeighbour } from './sync-state.ts'

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
  const allowed = refilled(neighbour.allowance, now)
  const isForked = log.fork !== undefined && range.to >= log.fork.at
  const wanted = isForked ? log.trunk.end : Math.min(range.to, log.trunk.end)
  const last = reach(log, range.from, wanted, allowed)
  const bytes = last < wanted ? 0 : allowed - log.bytesIn(range.from, last)
  const serve: Serve = { type: 'serve', log: id, from: range.from, to: last }
  const told = bytes > 0 && range.to >= log.length - 1 ? withHeads(state, to, [[id, headOf(log)]]) : state
  const left = { ...(told.neighbours.get(to) as Neighbour), allowance: { bytes, at: now } }
  const hasBranches = isForked && bytes > 0
  const send: Outgoing[] = hasBranches
    ? [[to, { ...serve, fork: 'branches' }]]
    : last >= range.from
      ? [[to, serve]]
      : []
  return { state: withNeighbour(told, to, left), send }
}

/** Last entry of [from, to] that so many bytes reach; below `from` when they don't reach the first. */
function reach(log: Log, from: number, to: number, bytes: number): number {
  let low = from - 1
  let high = to
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (log.bytesIn(from, middle) <= bytes) low = middle
    else high = middle - 1
  }
  return low
}

const refilled = (allowance: Neighbour['allowance'], now: number) =>
  Math.min(ALLOWANCE, allowance.bytes + ((now - allowance.at) / 1_000) * ALLOWANCE_PER_SECOND)
