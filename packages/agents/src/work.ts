/** What the agents of one peer do in one space once it is decided: offer, contribute, check, mediate, conclude. */
import { type Conflict, isWeighty, offers, type Records, speakerKey, speakerOf, verifiersOf } from '@amp-mesh/context'
import type { Peer, Space } from '@amp-mesh/peer'
import {
  AGENT_LIMITS,
  type Agent,
  AmpError,
  agentIdOf,
  isKind,
  type Offer,
  type Op,
  type PublicKey,
  type Question,
  type Rec,
  type Turn,
  type Verdict,
} from '@amp-mesh/protocol'
import type { Duty } from './agenda.ts'
import type { AgentSeat } from './agent-seat.ts'
import { knowledgeOf, questionOf } from './knowledge.ts'
import { type Finding, liveSides, mediation } from './mediation.ts'
import { Outbox } from './outbox.ts'
import { speechOf } from './speech.ts'
import { defaultConclusion, synthesisOf } from './synthesis.ts'
import { isUndecided, ownVerdict } from './verification.ts'

export interface WorkInit {
  peer: Peer
  space: Space
  question: Rec<'broadcast'>
  agents: readonly Agent[]
  /** An agent judges a question, or a need inside it. */
  judge(agent: Agent, question: Question, signal: AbortSignal): Promise<Offer | undefined>
}

/** Syntheses one peer writes at most: more than one only if the first cites what fell in the meantime. */
const MAX_SYNTHESES = 3

export class Work {
  readonly question: Question
  readonly seats: AgentSeat[] = []
  /** Facts, conflicts … that were taken up. */
  readonly done = new Set<string>()
  readonly #init: WorkInit
  readonly #outbox: Outbox
  /** Called when the ledger takes nothing any more. */
  readonly #shut: () => void
  #inspections: Promise<unknown> = Promise.resolve()
  #syntheses = 0

  constructor(init: WorkInit, shut: () => void) {
    this.#init = init
    this.#shut = shut
    this.question = questionOf(init.question)
    this.#outbox = new Outbox(init.space.replica)
  }

  get records(): Records {
    return this.#init.space.replica.records
  }

  get self(): PublicKey {
    return this.#init.peer.identity.publicKey
  }

  hasOffered({ name }: Agent): boolean {
    return offers(this.records).some(offer => this.#isBy(offer, name))
  }

  hasRefused(agent: string): boolean {
    return this.records.of('refuse').some(refusal => this.#isBy(refusal, agent))
  }

  isNewsTo({ name }: AgentSeat, record: Rec): boolean {
    return isWeighty(record) && !isKind(record, 'broadcast') && !this.#isBy(record, name)
  }

  readonly #isBy = (record: Rec, agent: string) =>
    speakerKey(speakerOf(record)) === speakerKey({ author: this.self, agent })

  /** Nothing is written any more. */
  close(): void {
    this.#outbox.close()
  }

  /** Appends; a ledger that takes nothing any more (stopped, quota) ends this peer's part. */
  async write(op: Op): Promise<void> {
    try {
      await this.#outbox.say(op)
    } catch (error) {
      if (this.#outbox.closed) return
      const code = error instanceof AmpError ? error.code : 'internal'
      if (code !== 'stopped')
        this.#init.peer.logger.warn('a record could not be written', { kind: op.k, error: String(error) })
      if (code !== 'bad-input') this.#shut()
    }
  }

  async offer(seat: AgentSeat): Promise<void> {
    if (seat.offer === undefined) return
    const { confidence, offer, bid } = seat.offer
    const match = { k: 'capability_match', for: seat.offer.for, confidence, offer, agent: seat.name } as const
    await this.write(bid === undefined ? match : { ...match, bid })
    seat.stage = this.hasOffered(seat.agent) ? 'offered' : 'silent'
  }

  async contribute(seat: AgentSeat): Promise<void> {
    const all = () => this.#allNews(seat)
    await seat.call('contribute', signal => seat.agent.contribute(this.#turn(seat, seat.mailbox.take(all), signal)))
  }

  #allNews(seat: AgentSeat): Rec[] {
    const known = knowledgeOf(this.#init.space.id, this.question, this.#init.space.genesis, this.records).records()
    return [...known].filter(record => this.records.isLive(record.id) && this.isNewsTo(seat, record))
  }

  async consider(seat: AgentSeat, need: Rec<'need'>): Promise<void> {
    seat.considered.add(need.id)
    const { content, capability } = need.op
    const part: Question = { ...this.question, id: need.id, query: capability ?? content, goal: content }
    const offer = await seat.call('offer', signal => this.#init.judge(seat.agent, part, signal))
    if (offer === undefined) return
    seat.offer = { ...offer, for: need.id }
    seat.stage = 'able'
  }

  async verify(fact: Rec<'fact'>): Promise<void> {
    const { genesis } = this.#init.space
    // while it waited for its turn others may have decided it
    const found = await this.#judge(fact, () => isUndecided(this.records, genesis, fact))
    if (found !== undefined) await this.write(verdictOp(fact, found.verdict, found.agent))
  }

  /** The verdict of the first of our agents that can tell. One fact at a time, so that contributions come between. */
  #judge(
    fact: Rec<'fact'>,
    isNeeded: () => boolean,
  ): Promise<{ verdict: Verdict & { v: 1 | -1 }; agent: string } | undefined> {
    const judged = this.#inspections.then(async () => {
      if (!isNeeded()) return undefined
      for (const seat of this.#judges()) {
        const verdict = await seat.call('verify', async signal =>
          seat.agent.verify?.(fact, this.#turn(seat, [], signal)),
        )
        if (verdict !== undefined && isTelling(verdict)) return { verdict, agent: seat.name }
      }
      return undefined
    })
    this.#inspections = judged.catch(() => undefined)
    return judged
  }

  /** Agents that can check, the idle ones first. */
  #judges(): AgentSeat[] {
    return this.seats.filter(({ verifies }) => verifies).sort((a, b) => Number(a.busy) - Number(b.busy))
  }

  async pointOut(conflict: Conflict): Promise<void> {
    const sides = liveSides(this.records, conflict).map(({ id }) => id)
    const agent = this.seats.find(({ stage }) => stage === 'offered')?.name
    if (sides.length < 2 || agent === undefined) return
    await this.write({ k: 'conflict', a: sides, why: 'these exclude each other', agent })
  }

  async mediate({ conflict, agent, last }: Extract<Duty, { do: 'mediate' }>): Promise<void> {
    const counted = verifiersOf(this.#init.space.genesis).has(this.self)
    const findings: Finding[] = []
    const verdicts: Op[] = []
    for (const record of liveSides(this.records, conflict)) {
      const known = ownVerdict(this, record)
      const found =
        known === undefined && isKind(record, 'fact') && !last ? await this.#judge(record, () => true) : undefined
      findings.push({ record, verdict: known === undefined ? found?.verdict : verdictIn(known) })
      if (found === undefined || !counted || this.done.has(record.id)) continue
      this.done.add(record.id)
      verdicts.push(verdictOp(record, found.verdict, found.agent))
    }
    const word = mediation(conflict, findings, last)
    if (word !== undefined) await Promise.all([...verdicts, { ...word, agent }].map(op => this.write(op)))
  }

  async conclude({ agent, partial }: Extract<Duty, { do: 'conclude' }>): Promise<void> {
    const { genesis } = this.#init.space
    const seat = this.seats.find(({ name }) => name === agent)
    const left = genesis.budget.ms - this.#init.space.age()
    const own =
      seat?.agent.synthesise === undefined || seat.busy
        ? undefined
        : await seat.call(
            'synthesise',
            async signal => seat.agent.synthesise?.(this.#turn(seat, [], signal)),
            Math.min(left / 2, AGENT_LIMITS.contributeMs),
          )
    const conclusion = own ?? defaultConclusion(this.records, genesis)
    await this.write({ ...synthesisOf(conclusion, this.question.id, this.records, genesis, partial), agent })
    this.#syntheses++
    if (this.#syntheses < MAX_SYNTHESES) this.done.delete('conclusion')
  }

  async endorse({ id }: Rec<'synthesis'>): Promise<void> {
    await this.write({ k: 'verify', of: id, v: 1, why: 'what it cites stands' })
  }

  #turn(seat: AgentSeat, news: readonly Rec[], signal: AbortSignal): Turn {
    const { peer, space } = this.#init
    return {
      self: agentIdOf(peer.identity.peerId, seat.name),
      question: this.question,
      news,
      knowledge: knowledgeOf(space.id, this.question, space.genesis, this.records),
      say: speechOf({
        agent: seat.name,
        question: this.question.id,
        records: this.records,
        outbox: this.#outbox,
        embedder: peer.embedder,
        signal,
        share: (name, mediaType, bytes) => space.putArtifact(name, mediaType, bytes, seat.name),
        agreed: fact => this.#agreed(seat, fact),
      }),
      graph: space.graph.spokenBy(seat.name, ops => {
        signal.throwIfAborted()
        return Promise.all(ops.map(op => this.#outbox.say(op)))
      }),
      ...(peer.model !== undefined && { model: peer.model }),
      embedder: peer.embedder,
      log: peer.logger,
      signal,
    }
  }

  /** Our agent found by itself what another peer's stated: as good as a check. */
  async #agreed(seat: AgentSeat, fact: Rec<'fact'>): Promise<void> {
    const counted = verifiersOf(this.#init.space.genesis).has(this.self)
    if (!counted || fact.by === this.self || this.done.has(fact.id)) return
    this.done.add(fact.id)
    if (ownVerdict(this, fact) !== undefined) return
    await this.write(verdictOp(fact, { v: 1, why: 'found the same independently' }, seat.name))
  }
}

const isTelling = (verdict: Verdict): verdict is Verdict & { v: 1 | -1 } => verdict.v !== 0

const verdictIn = ({ op: { v, why } }: Rec<'verify'>): Verdict => ({ v, ...(why !== undefined && { why }) })

const verdictOp = (fact: Rec, { v, why, ev }: Verdict, agent: string): Op<'verify'> => ({
  k: 'verify',
  of: fact.id,
  v,
  ...(why !== undefined && { why }),
  ...(ev !== undefined && { ev }),
  agent,
})
