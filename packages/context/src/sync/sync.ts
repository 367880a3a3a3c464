/**
 * How replicas of a space come to hold the same logs: pure functions, state in, state and messages out.
 *
 *   heads    "this is how far I hold each log": all on meeting and now and then, changed ones a little after a change
 *   digests  heads of a crowd in short: what differs is answered with heads
 *   want     "send me these entries": the answer to heads that show something we lack
 *   segment  entries: pushed at once by their author, otherwise only on want
 *   proof    two segments one author signed for one sequence: the answer to a want that reaches a fork point
 *   busy     "you want more than I can give now"
 *
 * Invariants: whoever lacks something asks for it, nobody is sent what it is known to hold, except by its author.
 * Heads are unsigned, so they only cause wants; what is believed are segments. Chains that part are asked for
 * backwards, in steps that double, until a segment joins our own chain: then the ledger sees where they part, on
 * either side alike.
 */
import {
  type Head,
  type LogId,
  type Message,
  type PeerId,
  type Random,
  type SpaceId,
  toBase64url,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { headOf } from '../ledger/head.ts'
import type { Log } from '../ledger/log.ts'
import type { Verdict } from '../ledger/outcome.ts'
import type { Segment } from '../ledger/segment.ts'
import { answer, chain, fullAllowance, type Held, type Step } from './answer.ts'
import { askedNow, isSilent, progressed, REST_MS, satisfied, unaskedOf, wantFrom, withoutPeer } from './asking.ts'
import { type Buckets, bucketsOf, differing } from './buckets.ts'
import type { Outgoing, SyncMessage } from './sync-message.ts'
import {
  isHelper,
  type Neighbour,
  type News,
  type SyncState,
  withAsked,
  withHeads,
  withNeighbour,
  withoutAsked,
  withoutNeighbour,
  withoutTrouble,
  withRest,
} from './sync-state.ts'

/** What a neighbour is told to wait when it wants too much, ms. */
const BUSY_MS = 1_000
/**
 * Neighbours told of news: as many as a peer tries to have. With n members that all know each other, of whom each told
 * all others, one record would cost n² messages; with 8 each, one member in 3,000 has to wait for the next round.
 */
const FANOUT = 8
/** Rounds in which half as many more are told, of those who helped before. */
const REMINDERS = 2
/** Neighbours told all heads in a round: any three of them are hardly all liars, and the next round takes others. */
const SOURCES = 3
/** With more logs than this their digests are told first: 2 kB instead of 129 for every thousand. */
const CROWD = 1_000

/** A neighbour came into reach: it is told all heads. */
export function meet(state: SyncState, held: Held, peer: PeerId, now: number): Step {
  if (state.neighbours.has(peer)) return { state, send: [] }
  const fresh: Neighbour = {
    heads: new Map(),
    resting: new Map(),
    silences: 0,
    helped: state.helpers.has(peer),
    steps: new Map(),
    quietUntil: 0,
    allowance: fullAllowance(now),
  }
  const met = noted(withNeighbour(state, peer, fresh), state.news.keys(), new Set([peer]))
  return { state: met, send: allTo(state, held, [peer]) }
}

/** A neighbour went out of reach: what it was asked for may be asked of others. */
export function leave(state: SyncState, peer: PeerId): SyncState {
  const asked = [...state.asked].flatMap(([id, each]) => withoutPeer(id, each, peer))
  return { ...withoutNeighbour(state, peer), asked: new Map(asked) }
}

/**
 * Some neighbours are told all heads: what was lost on the way is found again. Each member is told by about as many, so
 * that what one keeps back another brings.
 */
export function tellAll(state: SyncState, held: Held, random: Random): Step {
  return { state, send: allTo(state, held, sample([...state.neighbours.keys()], SOURCES, random)) }
}

/** A neighbour told digests of its heads: it is told what it holds otherwise, and our digests if it asks. */
export function onDigests(state: SyncState, held: Held, from: PeerId, { digests, ask }: Message<'digests'>): Step {
  const buckets = bucketsIn(held)
  const heads = differing(buckets, digests)
  const back: Outgoing[] = ask ? [[from, digestsOf(state, buckets, false)]] : []
  return { state, send: heads.length > 0 ? [...headsTo(state, from, heads, false), ...back] : [] }
}

/**
 * Of the neighbours not known to have the present heads of `logs`, some are told them, and shown what proves a new
 * fork. The author told everybody it reaches; those it does not reach are told by some of those that it does.
 */
export function announce(state: SyncState, held: Held, logs: Iterable<LogId>, random: Random): Step {
  const fresh = [...logs].map(id => [id, { told: new Set<PeerId>(), rounds: REMINDERS }] as const)
  const next = { ...state, news: new Map([...state.news, ...fresh]) }
  return tell(next, held, new Map(fresh), lacking => halfHelpers(lacking, FANOUT, random))
}

/**
 * Some more of those who helped before are told what is new, a few times: among many who only take the places of
 * others, chance may pass one by who has few honest neighbours.
 */
export function remind(state: SyncState, held: Held, random: Random): Step {
  const fewer = [...state.news].flatMap(([id, { told, rounds }]): [LogId, News][] =>
    rounds > 0 ? [[id, { told, rounds: rounds - 1 }]] : [],
  )
  const news = new Map(fewer)
  const helpers = (lacking: readonly Lacking[]) => lacking.filter(({ neighbour }) => isHelper(neighbour))
  return tell({ ...state, news }, held, news, lacking => sample(helpers(lacking), FANOUT / 2, random))
}

/** A neighbour, and the logs that it was not told of and is not known to have as we do. */
interface Lacking {
  readonly peer: PeerId
  readonly neighbour: Neighbour
  readonly logs: readonly Log[]
}

function tell(
  state: SyncState,
  held: Held,
  news: ReadonlyMap<LogId, News>,
  choose: (lacking: readonly Lacking[]) => readonly Lacking[],
): Step {
  const shown = [...news.keys()].flatMap(id => held.log(id) ?? []).filter(log => held.takes(log.by, log.epoch))
  const lacking = [...state.neighbours].flatMap(([peer, neighbour]): Lacking[] => {
    const logs = shown.filter(log => !knows(neighbour, log) && !news.get(log.id)?.told.has(peer))
    return logs.length > 0 ? [{ peer, neighbour, logs }] : []
  })
  const chosen = choose(lacking)
  const send = chosen.flatMap(({ peer, neighbour, logs }): Outgoing[] => {
    const proofs = logs.filter(log => log.fork !== undefined && neighbour.heads.get(log.id)?.fork === undefined)
    return [
      ...proofs.map(({ id }): Outgoing => [peer, { type: 'serve', log: id, from: 0, to: -1, fork: 'proof' }]),
      ...headsTo(state, peer, logs.map(headOf), false),
    ]
  })
  // what those were not shown of it they have, or were told before
  const peers = new Set(chosen.map(({ peer }) => peer))
  return { state: noted(state, news.keys(), peers), send }
}

/** These were told of the news there are of these logs. */
function noted(state: SyncState, logs: Iterable<LogId>, peers: ReadonlySet<PeerId>): SyncState {
  const news = new Map(state.news)
  for (const id of logs) {
    const known = news.get(id)
    if (known !== undefined) news.set(id, { ...known, told: new Set([...known.told, ...peers]) })
  }
  return { ...state, news }
}

/** A new own segment goes to every neighbour at once. */
export function push(state: SyncState, held: Held, log: LogId, bytes: Uint8Array): Step {
  const head = headOf(held.log(log) as Log)
  const message: SyncMessage = { type: 'segment', space: state.space, bytes }
  const peers = [...state.neighbours.keys()]
  return {
    state: peers.reduce((next, peer) => withHeads(next, peer, [[log, head]]), state),
    send: peers.map(peer => [peer, message]),
  }
}

export function onHeads(state: SyncState, held: Held, from: PeerId, message: Message<'heads'>, now: number): Step {
  const heads = message.heads.map(head => [held.idOf(head.pub, head.epoch), head] as const)
  const next = withHeads(state, from, heads)
  return isSilent(next, from) ? { state: next, send: [] } : wantFrom(next, held, from, now)
}

export function onWant(state: SyncState, held: Held, from: PeerId, message: Message<'want'>, now: number): Step {
  const { state: answered, send } = chain(state, message.ranges, (next, range) => answer(next, held, from, range, now))
  const isSpent = (answered.neighbours.get(from)?.allowance.bytes ?? 1) <= 0
  const busy: Outgoing[] = isSpent ? [[from, { type: 'busy', space: state.space, retryAfterMs: BUSY_MS }]] : []
  return { state: answered, send: [...send, ...busy] }
}

export function onBusy(state: SyncState, from: PeerId, message: Message<'busy'>, now: number): SyncState {
  const neighbour = state.neighbours.get(from)
  const quietUntil = now + Math.min(message.retryAfterMs, 60_000)
  return neighbour === undefined ? state : withNeighbour(state, from, { ...neighbour, quietUntil })
}

/** The ledger judged what `from` sent: notes what that says of the sender, and asks for what is missing now. */
export function onVerdict(state: SyncState, held: Held, from: PeerId, verdict: Verdict, now: number): Step {
  const { outcome, segment } = verdict
  if (segment === undefined) return { state, send: [] }
  const id = held.idOf(toBase64url(segment.pub), segment.epoch)
  switch (outcome) {
    case 'added':
    case 'duplicate':
      return wantFrom(
        progressed(withSent(state, held, from, id, segment), held, from, id, outcome, now),
        held,
        from,
        now,
      )
    case 'fork':
      return wantFrom(withoutTrouble(withoutAsked(state, id), from, id), held, from, now)
    case 'kept':
      return { state: satisfied(state, held, from, id), send: [] }
    case 'gap':
      return fillGap(state, held, from, id, segment, now)
    case 'pruned':
      return { state, send: [] }
    case 'branch':
      return stepBack(state, from, id, segment, now)
    default:
      return { state: withRest(unaskedOf(state, from, id), from, id, now + REST_MS), send: [] }
  }
}

/** One message where it fits a frame; else the two segments, which prove the same. */
export function proofMessages(space: SpaceId, a: Uint8Array, b: Uint8Array): SyncMessage[] {
  if (a.length + b.length <= WIRE_LIMITS.segment) return [{ type: 'proof', space, a, b }]
  return [a, b].map(bytes => ({ type: 'segment', space, bytes }))
}

/** The sender holds more than we can take in yet: it is asked for that, unless somebody is already. */
function fillGap(state: SyncState, held: Held, from: PeerId, id: LogId, segment: Segment, now: number): Step {
  const seq = lastOf(segment)
  const known = state.neighbours.get(from)?.heads.get(id)
  if (known?.fork !== undefined || (known?.seq ?? -1) >= seq) return wantFrom(state, held, from, now)
  const head = { pub: toBase64url(segment.pub), epoch: segment.epoch, seq }
  return wantFrom(withHeads(state, from, [[id, head]]), held, from, now)
}

/** Asks for the entries before a segment of another chain, twice as many as the last time. */
function stepBack(state: SyncState, from: PeerId, id: LogId, segment: Segment, now: number): Step {
  const neighbour = state.neighbours.get(from)
  const asked = state.asked.get(id)
  const isAsked = (asked?.until ?? 0) > now && (asked?.peers.get(from) ?? segment.from) < segment.from
  if (neighbour === undefined || isAsked) return { state, send: [] }
  const step = neighbour.steps.get(id) ?? 1
  const steps = new Map(neighbour.steps).set(id, step * 2)
  const range = { from: Math.max(0, segment.from - step), to: segment.from - 1 }
  return want(withNeighbour(state, from, { ...neighbour, steps }), from, id, segment, range, now)
}

function want(
  state: SyncState,
  peer: PeerId,
  id: LogId,
  { pub, epoch }: Segment,
  range: { from: number; to: number },
  now: number,
): Step {
  const ranges = [{ pub: toBase64url(pub), epoch, ...range }]
  return {
    state: withAsked(state, id, askedNow(peer, range.to, now)),
    send: [[peer, { type: 'want', space: state.space, ranges }]],
  }
}

/** All heads, or where they are many their digests. */
function allTo(state: SyncState, held: Held, peers: readonly PeerId[]): Outgoing[] {
  const heads = held.heads()
  if (heads.length <= CROWD) return peers.flatMap(peer => headsTo(state, peer, heads, true))
  const digests = digestsOf(state, bucketsIn(held), true)
  return peers.map(peer => [peer, digests])
}

const bucketsIn = (held: Held) => bucketsOf(held.heads().map(head => [held.idOf(head.pub, head.epoch), head] as const))

const digestsOf = ({ space }: SyncState, { digests }: Buckets, ask: boolean): SyncMessage => ({
  type: 'digests',
  space,
  digests,
  ask,
})

function headsTo(state: SyncState, peer: PeerId, heads: readonly Head[], full: boolean): Outgoing[] {
  const messages: Outgoing[] = []
  for (let i = 0; i === 0 || i < heads.length; i += WIRE_LIMITS.headsPerMessage) {
    const part = heads.slice(i, i + WIRE_LIMITS.headsPerMessage)
    messages.push([peer, { type: 'heads', space: state.space, heads: part, full }])
  }
  return messages
}

/** Whether a neighbour is known to hold all that our head of a log shows. */
function knows(neighbour: Neighbour, log: Log): boolean {
  const [head, known] = [headOf(log), neighbour.heads.get(log.id)]
  if (known === undefined) return false
  return head.fork === undefined ? known.fork === undefined && known.seq >= head.seq : known.fork === head.fork
}

/** The sender holds our chain up to the end of what it sent; of what it claims beyond, nothing is known yet. */
function withSent(state: SyncState, held: Held, from: PeerId, id: LogId, segment: Segment): SyncState {
  const claimed = state.neighbours.get(from)?.heads.get(id)
  const log = held.log(id)
  const seq = Math.min(lastOf(segment), (log?.length ?? 0) - 1)
  const hash = log?.hashAt(seq)
  if (seq < 0 || hash === undefined || claimed?.fork !== undefined || (claimed?.seq ?? -1) > seq) return state
  const head = { pub: toBase64url(segment.pub), epoch: segment.epoch, seq, hash: toBase64url(hash.subarray(0, 16)) }
  return withHeads(state, from, [[id, head]])
}

const lastOf = (segment: Segment) => segment.from + segment.entries.length - 1

/** Half of them of those who brought something once: however many others there are, they do not take all places. */
function halfHelpers(items: readonly Lacking[], count: number, random: Random): readonly Lacking[] {
  const helpers = sample(
    items.filter(({ neighbour }) => neighbour.helped),
    count / 2,
    random,
  )
  const others = items.filter(item => !helpers.includes(item))
  return [...helpers, ...sample(others, count - helpers.length, random)]
}

/** So many of them by chance; all where there are no more. */
function sample<T>(items: readonly T[], count: number, random: Random): readonly T[] {
  if (items.length <= count) return items
  const left = [...items]
  return Array.from({ length: count }, () => left.splice(Math.floor(random.float() * left.length), 1)[0] as T)
}
