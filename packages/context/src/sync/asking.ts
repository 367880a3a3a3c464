/**
 * Whom to ask for what is lacking. One neighbour at first; when nobody answers, four times as many as before, so that a
 * crowd that only claims to hold a log keeps us waiting a few times and not for ever. One who helped before is asked as
 * soon as it claims something, unless another such is: of those the crowd is none.
 */
import { type LogId, type PeerId, publicKeyOf, type Range, WIRE_LIMITS } from '@amp-mesh/protocol'
import type { Outcome } from '../ledger/outcome.ts'
import { chain, type Held, type Step } from './answer.ts'
import { lackingOf } from './lacking.ts'
import type { Outgoing } from './sync-message.ts'
import {
  type Asked,
  isHelper,
  type Neighbour,
  type SyncState,
  withAsked,
  withNeighbour,
  withoutAsked,
  withoutTrouble,
  withRest,
} from './sync-state.ts'

/** Who did not answer a want within this time is left to rest, and others are asked, ms. */
const ASK_MS = 2_000
/** Who keeps answering has this long at most, ms: nobody keeps us for ever from asking others. */
const ANSWER_MS = 30_000
/** Who did not answer in time, or sent what could not be taken, is not asked for that log again before this, ms. */
export const REST_MS = 10_000
/** After each try that nobody answered, so many times as many are asked at once: four tries reach 85 neighbours. */
const WIDER = 4
const MOST_AT_ONCE = 64

export const askedNow = (peer: PeerId, to: number, now: number): Asked => ({
  peers: new Map([[peer, to]]),
  until: now + ASK_MS,
  last: now + ANSWER_MS,
  tries: 0,
})

/** Asks `peer` for what it holds and we lack, as far as not enough others were asked for it lately. */
export function wantFrom(before: SyncState, held: Held, peer: PeerId, now: number): Step {
  const state = withoutExpired(before, now)
  const neighbour = state.neighbours.get(peer)
  if (neighbour === undefined || neighbour.quietUntil > now) return { state, send: [] }
  const wanted: Range[] = []
  const asked = new Map(state.asked)
  for (const [id, head] of neighbour.heads) {
    if (wanted.length === WIRE_LIMITS.rangesPerMessage) break
    // of keys that are not admitted only the neighbour's own is taken in, to wait for its admission
    if (!held.takes(head.pub, head.epoch) && publicKeyOf(peer) !== head.pub) continue
    const range = lackingOf(held.log(id), head)
    const open = asked.get(id)
    if (range === undefined || !mayAsk(state, open, peer, now) || (neighbour.resting.get(id) ?? 0) > now) continue
    wanted.push({ pub: head.pub, epoch: head.epoch, ...range, ...(state.distrusted.has(id) && { entries: true }) })
    asked.set(id, withPeer(open, peer, range.to, now))
  }
  const send: Outgoing[] = wanted.length > 0 ? [[peer, { type: 'want', space: state.space, ranges: wanted }]] : []
  return { state: { ...state, asked }, send }
}

/** Asks everybody for what is still lacking; those first who answered when they were asked. */
export function wantAll(state: SyncState, held: Held, now: number): Step {
  const patience = ([, a]: [PeerId, Neighbour], [, b]: [PeerId, Neighbour]) => a.silences - b.silences
  const peers = [...withoutExpired(state, now).neighbours].sort(patience).map(([peer]) => peer)
  return chain(state, peers, (next, peer) => wantFrom(next, held, peer, now))
}

/** It let wants expire since it last answered one: it is asked when all are, and not as soon as it claims something. */
export const isSilent = (state: SyncState, peer: PeerId): boolean => (state.neighbours.get(peer)?.silences ?? 0) > 0

/** Nobody is asked, or nobody who helped before while this one did; or more may be, at this same moment. */
function mayAsk({ neighbours }: SyncState, open: Asked | undefined, peer: PeerId, now: number): boolean {
  if (open === undefined || open.peers.size === 0) return true
  if (open.peers.has(peer)) return false
  if (open.until === now + ASK_MS && open.peers.size < Math.min(MOST_AT_ONCE, WIDER ** open.tries)) return true
  const helps = (each: PeerId) => isHelper(neighbours.get(each) as Neighbour)
  return helps(peer) && ![...open.peers.keys()].some(helps)
}

function withPeer(open: Asked | undefined, peer: PeerId, to: number, now: number): Asked {
  const asked = askedNow(peer, to, now)
  if (open === undefined || open.peers.size === 0) return { ...asked, tries: open?.tries ?? 0 }
  return { ...open, peers: new Map([...open.peers, ...asked.peers]), until: asked.until, last: asked.last }
}

/** Only progress answers a want: a neighbour that repeats what we hold is not asked again at once. */
export function progressed(
  state: SyncState,
  held: Held,
  from: PeerId,
  id: LogId,
  outcome: Outcome,
  now: number,
): SyncState {
  if (outcome !== 'added') return state
  const helped = withoutTrouble(state, from, id)
  const asked = state.asked.get(id)
  if (asked === undefined) return renewed(helped, from, now)
  // whoever claims more than there is goes on being asked for it: that answers nobody else's want
  const length = held.log(id)?.length ?? 0
  const peers = new Map([...asked.peers].filter(([, to]) => to >= length))
  const left = peers.size === 0 ? withoutAsked(helped, id) : withAsked(helped, id, { ...asked, peers })
  return renewed(left, from, now)
}

/** Who is answering is given more time, for all it was asked: an answer may be long, but not for ever. */
export function renewed(state: SyncState, from: PeerId, now: number): SyncState {
  const asked = [...state.asked].map(([id, each]): [LogId, Asked] =>
    each.peers.has(from) ? [id, { ...each, until: Math.min(now + ASK_MS, each.last) }] : [id, each],
  )
  return { ...state, asked: new Map(asked) }
}

/** More of a forked log's histories came: the want is answered once nothing of what the sender shows is lacking. */
export function satisfied(state: SyncState, held: Held, from: PeerId, id: LogId): SyncState {
  const known = state.neighbours.get(from)?.heads.get(id)
  const isLacking = known !== undefined && lackingOf(held.log(id), known) !== undefined
  return isLacking ? state : withoutTrouble(withoutAsked(state, id), from, id)
}

export function unaskedOf(state: SyncState, peer: PeerId, id: LogId): SyncState {
  const asked = state.asked.get(id)
  if (!asked?.peers.has(peer)) return state
  const [left] = withoutPeer(id, asked, peer)
  return left === undefined ? withoutAsked(state, id) : withAsked(state, ...left)
}

/** The rest of those asked; none where nobody is left. */
export function withoutPeer(id: LogId, asked: Asked, peer: PeerId): [LogId, Asked][] {
  const peers = new Map([...asked.peers].filter(([each]) => each !== peer))
  return peers.size === 0 ? [] : [[id, { ...asked, peers }]]
}

/** Who let a want expire rests, so that a neighbour that only claims to hold a log can't keep us from asking others. */
function withoutExpired(state: SyncState, now: number): SyncState {
  const expired = [...state.asked].filter(([, { until, peers }]) => until <= now && peers.size > 0)
  return expired.reduce((next, [id, asked]) => {
    const tried = withAsked(next, id, { ...asked, peers: new Map(), tries: asked.tries + 1 })
    const peers = [...asked.peers.keys()]
    return peers.reduce((rested, peer) => silent(withRest(rested, peer, id, now + REST_MS), peer), tried)
  }, state)
}

function silent(state: SyncState, peer: PeerId): SyncState {
  const neighbour = state.neighbours.get(peer)
  if (neighbour === undefined) return state
  return withNeighbour(state, peer, { ...neighbour, silences: neighbour.silences + 1 })
}
