/**
 * What the agents of one peer have to do in one space, decided from what the space holds: the pure heart of
 * collaboration. Nobody hands out work; every peer reads the same records and finds its own duties in them.
 */
import {
  awaited,
  cancelled,
  conclusion,
  conflicts,
  converged,
  coordinators,
  needs,
  offers,
  type RecordHead,
  type Records,
  settleHeads,
  speakerKey,
  speakerOf,
  unsettled,
  verifiersOf,
} from '@amp-mesh/context'
import { type PublicKey, QUESTION_DEFAULTS, type Rec } from '@amp-mesh/protocol'
import { type Agenda, at, type Duty, joined, nothing, type Scene } from './agenda.ts'
import { conflictDuties } from './mediation.ts'
import { isOutbid, offerDelay } from './offering.ts'
import { ownVerdict, verifyDuties } from './verification.ts'

/**
 * A settle waits for this long a quiet, ms, so that it covers what several agents say at about the same time. The wait
 * doubles with each settle of an agent, up to the second figure: most of what a lively space says would be settles.
 */
export const QUIET_MS = { first: 100, most: 400 } as const
/** A coordinator that answers pings but does not write is passed over after this long, ms. */
export const STEP_IN_MS = 5_000
/**
 * Everybody's place is leased to it: who is suspected keeps it for so long, ms. A suspicion may be wrong, and two that
 * conclude, or one that concludes without waiting, cost more than these seconds.
 */
export const LEASE_MS = 2_000
/** The end of the budget that is kept for a partial synthesis: this share, and at most this long. */
const RESERVE = { share: 0.2, ms: 2_000 } as const

export function decide(scene: Scene): Agenda {
  const { age, genesis, records } = scene
  if (cancelled(records, genesis)) return stop('cancelled')
  if (age >= genesis.budget.ms) return stop('budget spent')
  const standing = standingSynthesis(scene)
  if (standing !== undefined) return afterConclusion(scene, standing)

  const aboutConflicts = conflictDuties(scene, conflicts(records, genesis))
  const aboutFacts = verifyDuties(scene, aboutConflicts.left)
  const idle =
    scene.running === 0 && [aboutConflicts, aboutFacts].every(({ duties, later }) => duties.length + later.length === 0)
  return joined([
    { duties: [], later: [genesis.budget.ms] },
    offering(scene),
    fillingGaps(scene),
    { duties: contributing(scene), later: [] },
    aboutConflicts,
    aboutFacts,
    idle ? settling(scene) : nothing,
    concluding(scene),
  ])
}

const stop = (why: Extract<Duty, { do: 'stop' }>['why']): Agenda => ({ duties: [{ do: 'stop', why }], later: [] })

function offering({ age, self, genesis, records, seats }: Scene): Agenda {
  const waiting = seats.filter(({ stage, busy }) => stage === 'able' && !busy)
  return joined(
    waiting.map(({ name, confidence }) => {
      const due = offerDelay(confidence, genesis.offerWindowMs)
      const outbid = isOutbid(confidence, offers(records), { author: self, agent: name })
      return at(due, age, { do: outbid ? 'stay silent' : 'offer', agent: name })
    }),
  )
}

/** An agent without an offer is asked about each need that is open: a sub-question it may fit. */
function fillingGaps({ self, genesis, records, seats }: Scene): Agenda {
  const silent = seats.filter(({ stage, busy }) => stage === 'silent' && !busy)
  if (silent.length === 0) return nothing
  const open = needs(records, genesis).filter(({ state }) => state === 'open')
  const duties = silent.flatMap(({ name, considered }): Duty[] => {
    const need = open.find(({ record }) => !considered.has(record.id) && !isOwn(record, self, name))?.record
    return need === undefined ? [] : [{ do: 'consider', agent: name, need }]
  })
  return { duties, later: [] }
}

const isOwn = (record: Rec, author: PublicKey, agent: string) =>
  speakerKey(speakerOf(record)) === speakerKey({ author, agent })

const contributing = ({ seats }: Scene): Duty[] =>
  seats
    .filter(({ stage, news, busy }) => stage === 'offered' && news && !busy)
    .map(({ name }) => ({ do: 'contribute', agent: name }))

/** Whoever offered and has nothing left to do says so, once it has been quiet for a moment. */
function settling(scene: Scene): Agenda {
  const resting = scene.seats.filter(({ stage, news, busy }) => stage === 'offered' && !news && !busy)
  const owing = owingSettle(scene).filter(agent => resting.some(({ name }) => name === agent))
  return joined(
    owing.map(agent => at(scene.lastNews + quietFor(scene, agent), scene.age, settle(scene.records, agent))),
  )
}

function quietFor({ self, records }: Scene, agent: string): number {
  const settles = records.of('settle').filter(record => isOwn(record, self, agent)).length
  return Math.min(QUIET_MS.most, QUIET_MS.first * 2 ** settles)
}

/** Agents of this peer whose latest settle does not cover `heads` (default: all that matters). */
const owingSettle = ({ self, records }: Scene, heads?: readonly RecordHead[]): string[] =>
  unsettled(records, new Set(), heads)
    .filter(({ author }) => author === self)
    .map(({ agent }) => agent)

const settle = (records: Records, agent: string): Duty => ({ do: 'settle', agent, heads: settleHeads(records) })

/**
 * The first coordinator writes; the next one once its lease is over, or when it lets its turn pass; near the budget's
 * end with what there is.
 */
function concluding(scene: Scene): Agenda {
  const { age, self, genesis, records, seats, lastNews } = scene
  const leases = [...scene.suspected].map(([author, since]) => ({ author, end: since + LEASE_MS }))
  const lapsed = new Set(leases.filter(({ end }) => end <= age).map(({ author }) => author))
  const live = coordinators(records, genesis).filter(({ author }) => !lapsed.has(author))
  const agents = new Set(seats.filter(({ stage }) => stage === 'offered').map(({ name }) => name))
  const place = live.findIndex(({ author, agent }) => author === self && agents.has(agent))
  const agent = live[place]?.agent
  if (agent === undefined || scene.done.has('conclusion')) return nothing
  const reserve = Math.min(RESERVE.ms, genesis.budget.ms * RESERVE.share)
  const partialDue = genesis.budget.ms - reserve + (Math.min(place, 3) * reserve) / 4
  if (age >= partialDue) return at(partialDue, age, { do: 'conclude', agent, partial: true })
  const later = leases.map(({ end }) => end).filter(end => end > age)
  if (!converged(records, lapsed)) return { duties: [], later: [partialDue, ...later] }
  const patience = awaited(records, genesis, lapsed).length > 0 ? QUESTION_DEFAULTS.patience * genesis.budget.ms : 0
  const due = Math.max(genesis.offerWindowMs, patience, lastNews + place * STEP_IN_MS)
  return joined([at(Math.min(due, partialDue), age, { do: 'conclude', agent, partial: false }), { duties: [], later }])
}

/** The valid synthesis of one who offered: what a bystander writes ends nothing. */
function standingSynthesis({ records, genesis }: Scene): Rec<'synthesis'> | undefined {
  const { synthesis, superseded } = conclusion(records, genesis)
  const offerers = new Set(offers(records).map(offer => speakerKey(speakerOf(offer))))
  const written = synthesis === undefined ? [] : [synthesis, ...superseded]
  return written.find(record => offerers.has(speakerKey(speakerOf(record))))
}

/**
 * Each who offered acknowledges the synthesis with a last settle, and a verifier supports it, as it rests on what
 * stands; then this peer's part is over.
 */
function afterConclusion(scene: Scene, synthesis: Rec<'synthesis'>): Agenda {
  const { log, seq } = synthesis
  const hosted = scene.seats.filter(({ stage }) => stage === 'offered').map(({ name }) => name)
  const owing = owingSettle(scene, [[log, seq]]).filter(agent => hosted.includes(agent))
  const isVerifier = verifiersOf(scene.genesis).has(scene.self)
  const isOwed = isVerifier && ownVerdict(scene, synthesis) === undefined
  const isTaken = scene.done.has(synthesis.id)
  if (owing.length === 0 && !(isOwed && (!isTaken || scene.running > 0))) return stop('concluded')
  const settles = owing.map(agent => settle(scene.records, agent))
  return { duties: isOwed && !isTaken ? [...settles, { do: 'endorse', synthesis }] : settles, later: [] }
}
