/** What a replica remembers of the sync conversation with its neighbours, and the changes to it. Never mutated. */
import type { Head, LogId, PeerId, SpaceId } from '@amp-mesh/protocol'

export interface SyncState {
  readonly space: SpaceId
  readonly neighbours: ReadonlyMap<PeerId, Neighbour>
  readonly asked: ReadonlyMap<LogId, Asked>
  /** Logs that changed lately, and who was told so. */
  readonly news: ReadonlyMap<LogId, News>
  /** Who helped, and went out of reach since. */
  readonly helpers: ReadonlySet<PeerId>
  /** Logs that are taken entry by entry: nobody vouched for a checkpoint of theirs. */
  readonly distrusted: ReadonlySet<LogId>
}

/** How far somebody holds a log. Without a hash: by an entry whose chain is not known yet. */
export type KnownHead = Omit<Head, 'hash'> & { readonly hash?: string }

export interface Neighbour {
  /** What it is known to hold: by what it told, sent, and was sent. */
  readonly heads: ReadonlyMap<LogId, KnownHead>
  /** Logs it is not asked for before the time given: it did not answer, or sent what could not be taken. */
  readonly resting: ReadonlyMap<LogId, number>
  /** Wants it let expire since it last answered one, and whether it ever brought what was lacking. */
  readonly silences: number
  readonly helped: boolean
  /** Entries to step back next, per log whose chain parts from ours. */
  readonly steps: ReadonlyMap<LogId, number>
  /** It said busy: no wants before. */
  readonly quietUntil: number
  /** Bytes it may still want at `at`; refilled with time. */
  readonly allowance: { readonly bytes: number; readonly at: number }
}

/** An unanswered want: nobody else is asked for the same before `until`, but one who helped before. */
export interface Asked {
  /** With the last entry that each was asked for. Nobody any more, when it expired. */
  readonly peers: ReadonlyMap<PeerId, number>
  readonly until: number
  /** However much of the answer comes, not beyond this. */
  readonly last: number
  /** How often it expired. */
  readonly tries: number
}

export interface News {
  readonly told: ReadonlySet<PeerId>
  /** How often more are going to be told. */
  readonly rounds: number
}

/** Heads remembered of one neighbour; above what a space of 455 authors and 16 epochs can show. */
const HEADS_PER_NEIGHBOUR = 8_192

/** Helpers remembered that are not there: as many as there can be connections. */
const HELPERS = 128

export const newSync = (space: SpaceId): SyncState => ({
  space,
  neighbours: new Map(),
  asked: new Map(),
  news: new Map(),
  helpers: new Set(),
  distrusted: new Set(),
})

/** It may come back: a short cut must not make it one of a crowd. */
export function withoutNeighbour(state: SyncState, peer: PeerId): SyncState {
  const neighbours = new Map(state.neighbours)
  const helpers = new Set(state.helpers)
  if (neighbours.get(peer)?.helped) helpers.add(peer)
  neighbours.delete(peer)
  return { ...state, neighbours, helpers: new Set([...helpers].slice(-HELPERS)) }
}

export const withNeighbour = (state: SyncState, peer: PeerId, neighbour: Neighbour): SyncState => ({
  ...state,
  neighbours: new Map(state.neighbours).set(peer, neighbour),
})

export function withHeads(state: SyncState, peer: PeerId, heads: Iterable<readonly [LogId, KnownHead]>): SyncState {
  const neighbour = state.neighbours.get(peer)
  if (neighbour === undefined) return state
  const known = new Map(neighbour.heads)
  for (const [id, head] of heads) if (known.size < HEADS_PER_NEIGHBOUR || known.has(id)) known.set(id, head)
  return withNeighbour(state, peer, { ...neighbour, heads: known })
}

export function withRest(state: SyncState, peer: PeerId, id: LogId, until: number): SyncState {
  const neighbour = state.neighbours.get(peer)
  if (neighbour === undefined) return state
  return withNeighbour(state, peer, { ...neighbour, resting: new Map(neighbour.resting).set(id, until) })
}

/** A segment of `peer` helped: where it had to step back or was left to rest, that is over. */
export function withoutTrouble(state: SyncState, peer: PeerId, id: LogId): SyncState {
  const neighbour = state.neighbours.get(peer)
  if (neighbour === undefined) return state
  const [steps, resting] = [without(neighbour.steps, id), without(neighbour.resting, id)]
  return withNeighbour(state, peer, { ...neighbour, steps, resting, silences: 0, helped: true })
}

/** It brought what was lacking, and has answered since, whenever it was asked. */
export const isHelper = ({ helped, silences }: Neighbour): boolean => helped && silences === 0

export const withAsked = (state: SyncState, id: LogId, asked: Asked): SyncState => ({
  ...state,
  asked: new Map(state.asked).set(id, asked),
})

export const withoutAsked = (state: SyncState, id: LogId): SyncState => ({ ...state, asked: without(state.asked, id) })

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map
  const copy = new Map(map)
  copy.delete(key)
  return copy
}
