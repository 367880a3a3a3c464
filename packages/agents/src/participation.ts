/** The agents of one peer in one space: the thin driver around `decide`. It watches, starts duties, and looks again. */
import { isWeighty, verifiersOf } from '@amp-mesh/context'
import {
  type Agent,
  AmpError,
  aborted,
  type Cancel,
  type Fields,
  type Offer,
  type PublicKey,
  publicKeyOf,
  type Rec,
  traced,
} from '@amp-mesh/protocol'
import type { Duty, Scene } from './agenda.ts'
import { AgentSeat } from './agent-seat.ts'
import { decide } from './collaboration.ts'
import { sidesOf } from './mediation.ts'
import { Work, type WorkInit } from './work.ts'

/** Changes are looked at together after this long, ms: a segment's records come one after the other. */
const LOOK_MS = 5

export class Participation {
  /** Resolves when nothing is left to do here: concluded, cancelled, or out of budget. */
  readonly ended: Promise<void>
  readonly #init: WorkInit
  readonly #work: Work
  readonly #end = new AbortController()
  readonly #since = new Map<string, number>()
  readonly #suspectedSince = new Map<PublicKey, number>()
  readonly #cancels: Cancel[]
  #running = 0
  #lastNews: number
  #wake: { at: number; cancel: Cancel } | undefined

  constructor(init: WorkInit) {
    this.#init = init
    this.#work = new Work(init, () => this.close())
    this.#lastNews = init.space.age()
    for (const agent of init.agents) this.#work.seats.push(this.#seat(agent))
    this.ended = aborted(this.#end.signal)
    this.#cancels = [
      init.space.replica.subscribe(news => this.#heard(news)),
      init.space.onSuspicion(() => this.#lookSoon()),
    ]
    this.#lookSoon()
  }

  /** The agent judged itself fit. One that had offered before a restart goes on where it was. */
  able(agent: Agent, offer: Offer): void {
    const seat = this.#work.seats.find(each => each.agent === agent)
    if (seat === undefined || seat.stage !== 'silent') return
    seat.offer = { ...offer, for: this.#work.question.id }
    seat.stage = 'able'
    this.#lookSoon()
  }

  /** The agent does not offer, and says so once. */
  async refuse({ name }: Agent, why = 'not my field'): Promise<void> {
    if (this.#work.hasRefused(name)) return
    await this.#work.write({ k: 'refuse', for: this.#work.question.id, why, agent: name })
  }

  hasOffered(agent: Agent): boolean {
    return this.#work.hasOffered(agent)
  }

  #seat(agent: Agent): AgentSeat {
    const { clock, logger } = this.#init.peer
    const seat: AgentSeat = new AgentSeat({
      agent,
      clock,
      logger,
      signal: this.#end.signal,
      changed: () => this.#changed(seat),
    })
    if (this.#work.hasOffered(agent)) seat.stage = 'offered'
    return seat
  }

  /** Ends it at once: every agent's signal aborts, and nothing more is written. */
  close(reason: AmpError = new AmpError('stopped', 'this peer stops taking part')): void {
    if (this.#end.signal.aborted) return
    for (const cancel of this.#cancels) cancel()
    this.#wake?.cancel()
    this.#work.close()
    this.#end.abort(reason)
  }

  // ---- watching ----------------------------------------------------------------------------------------------------

  #heard(news: readonly Rec[]): void {
    const age = this.#init.space.age()
    for (const record of news) {
      this.#sinceWhen(record.id)
      if (isWeighty(record)) this.#lastNews = age
      for (const seat of this.#work.seats) if (this.#work.isNewsTo(seat, record)) seat.mailbox.put(record)
    }
    this.#lookSoon()
  }

  #sinceWhen(thing: string): number {
    const known = this.#since.get(thing) ?? this.#init.space.age()
    this.#since.set(thing, known)
    return known
  }

  #suspicions(): ReadonlyMap<PublicKey, number> {
    const { space } = this.#init
    const now = new Set([...space.suspected()].map(publicKeyOf))
    for (const author of this.#suspectedSince.keys()) if (!now.has(author)) this.#suspectedSince.delete(author)
    for (const author of now) if (!this.#suspectedSince.has(author)) this.#suspectedSince.set(author, space.age())
    return this.#suspectedSince
  }

  #changed(seat: AgentSeat): void {
    if (seat.stage === 'parked')
      void this.#work.write({
        k: 'refuse',
        for: this.#work.question.id,
        why: 'it failed too often and was stopped',
        agent: seat.name,
      })
    this.#lookSoon()
  }

  #lookSoon(): void {
    this.#lookAt(this.#init.space.age() + LOOK_MS)
  }

  #lookAt(age: number): void {
    if (this.#end.signal.aborted || (this.#wake !== undefined && this.#wake.at <= age)) return
    this.#wake?.cancel()
    const wait = Math.max(0, age - this.#init.space.age())
    const cancel = this.#init.peer.clock.after(wait, () => {
      this.#wake = undefined
      this.#look()
    })
    this.#wake = { at: age, cancel }
  }

  #look(): void {
    const { duties, later } = decide(this.#scene())
    for (const duty of duties) this.#take(duty)
    const next = Math.min(...later)
    if (Number.isFinite(next)) this.#lookAt(next)
  }

  #scene(): Scene {
    const { space } = this.#init
    return {
      age: space.age(),
      self: this.#work.self,
      genesis: space.genesis,
      records: this.#work.records,
      suspected: this.#suspicions(),
      seats: this.#work.seats,
      done: this.#work.done,
      running: this.#running,
      lastNews: this.#lastNews,
      since: thing => this.#sinceWhen(thing),
    }
  }

  // ---- carrying duties out -----------------------------------------------------------------------------------------

  #take(duty: Duty): void {
    switch (duty.do) {
      case 'stop':
        return this.close(
          new AmpError(duty.why === 'budget spent' ? 'budget-spent' : 'stopped', `this question is ${duty.why}`),
        )
      case 'offer':
        return this.#withSeat(duty.agent, seat => this.#work.offer(seat))
      case 'stay silent':
        return this.#withSeat(duty.agent, async seat => {
          seat.stage = 'silent'
          const { genesis } = this.#init.space
          if (verifiersOf(genesis).has(this.#work.self)) await this.refuse(seat.agent, 'enough others are surer')
        })
      case 'contribute':
        return this.#withSeat(duty.agent, seat =>
          this.#traced('contribute', { agent: seat.name }, () => this.#work.contribute(seat)),
        )
      case 'settle':
        return this.#withSeat(duty.agent, seat =>
          this.#work.write({ k: 'settle', heads: duty.heads, agent: seat.name }),
        )
      case 'consider':
        return this.#withSeat(duty.agent, seat => this.#work.consider(seat, duty.need))
      case 'verify':
        return this.#once(duty.fact.id, () =>
          this.#traced('verify', { record: duty.fact.id }, () => this.#work.verify(duty.fact)),
        )
      case 'point out':
        return this.#once(sidesOf(duty.conflict), () => this.#work.pointOut(duty.conflict))
      case 'mediate':
        return this.#once(duty.last ? `${duty.conflict.id} last` : duty.conflict.id, () => this.#work.mediate(duty))
      case 'endorse':
        return this.#once(duty.synthesis.id, () => this.#work.endorse(duty.synthesis))
      case 'conclude':
        return this.#once('conclusion', () =>
          this.#traced('conclude', { agent: duty.agent }, () => this.#work.conclude(duty)),
        )
    }
  }

  /** As a step of the question's trace. */
  #traced<T>(name: string, fields: Fields, action: () => Promise<T>): Promise<T> {
    const { peer, space } = this.#init
    return traced(peer.tracer, space.trace, name, { peer: peer.identity.peerId, space: space.id, ...fields }, action)
  }

  /** The seat is busy until `action` ends. */
  #withSeat(name: string, action: (seat: AgentSeat) => Promise<unknown>): void {
    const seat = this.#work.seats.find(each => each.name === name)
    if (seat === undefined || seat.busy) return
    seat.acting = true
    this.#finish(action(seat), () => {
      seat.acting = false
    })
  }

  /** `what` is taken up once; no agent of this peer settles before it ended. */
  #once(what: string, action: () => Promise<unknown>): void {
    if (this.#work.done.has(what)) return
    this.#work.done.add(what)
    this.#running++
    this.#finish(action(), () => {
      this.#running--
    })
  }

  #finish(action: Promise<unknown>, after: () => void): void {
    action
      .catch(error => this.#init.peer.logger.error('a duty failed', { error: String(error) }))
      .then(() => {
        after()
        this.#lookSoon()
      })
  }
}
