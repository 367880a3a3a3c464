/** Asking: finds who may help, opens a space for the question, tells them, and watches until the mesh has concluded. */
import { awaited, cancelled, conclusion, offers, speakerId, speakerOf, unsettled } from '@amp-mesh/context'
import {
  type AgentCard,
  AmpError,
  encodeGenesis,
  type Genesis,
  type Identity,
  type MeshId,
  type Message,
  type Op,
  type PeerId,
  peerIdOf,
  problemKey,
  publicKeyOf,
  QUESTION_DEFAULTS,
  questionKey,
  type Rec,
  SPACE_LIMITS,
  type SpaceId,
  type Tracer,
} from '@amp-mesh/protocol'
import { answerFromCommons } from './answer-from-commons.ts'
import { asking } from './asking.ts'
import type { Commons } from './commons.ts'
import type { Answer, Asking, AskOptions, Happening } from './contract.ts'
import type { LiveSpace } from './live-space.ts'
import { Multicast, type MulticastWorld } from './multicast.ts'
import { newGenesis } from './new-genesis.ts'
import { chooseVerifiers } from './verifiers.ts'

export interface AskWorld extends Omit<MulticastWorld, 'self'> {
  mesh: MeshId
  identity: Identity
  tracer: Tracer
  found(genesis: Uint8Array): Promise<LiveSpace>
  /** Tells the agents of this very peer. */
  announce(space: LiveSpace): void
  commons: Pick<Commons, 'space' | 'answerTo' | 'gapOf'>
  space(id: SpaceId): LiveSpace | undefined
}

/** After a synthesis the other agents are given this long to settle on it, ms: another one may still win. */
const ASSENT_MS = 1_000
/** Slack after the offer window, and after the budget, before the asker concludes that nothing comes, ms. */
const SLACK_MS = 1_500

export function ask(world: AskWorld, query: string, options: AskOptions = {}): Asking {
  return asking(async ({ opened, happened }) => {
    const span = world.tracer.start('ask', undefined, { peer: world.identity.peerId })
    const question = new Question(world, query, options, { tell: happened, trace: span.traceparent })
    try {
      const answer = await question.run(opened)
      span.end({ space: answer.space, outcome: answer.outcome })
      return answer
    } catch (error) {
      span.end({}, error)
      throw error
    } finally {
      question.end()
    }
  })
}

/** How it tells of itself, and the trace it is. */
interface Told {
  tell(happening: Happening): void
  readonly trace: string | undefined
}

class Question {
  readonly #world: AskWorld
  readonly #query: string
  readonly #options: AskOptions
  readonly #tell: (happening: Happening) => void
  readonly #trace: string | undefined
  #started = 0
  #firstOfferMs: number | undefined
  readonly #multicast: Multicast
  readonly #ended = new AbortController()
  /** Members that don't answer now. */
  #silent: ReadonlySet<PeerId> = new Set()
  #wake: () => void = () => {}

  constructor(world: AskWorld, query: string, options: AskOptions, { tell, trace }: Told) {
    this.#world = world
    this.#query = query
    this.#options = options
    this.#tell = tell
    this.#trace = trace
    const { scope = 'best', signal, ...times } = options
    const { budgetMs = QUESTION_DEFAULTS.budgetMs, offerWindowMs = QUESTION_DEFAULTS.offerWindowMs } = times
    const ended = AbortSignal.any([this.#ended.signal, ...(signal === undefined ? [] : [signal])])
    const self = world.identity.peerId
    this.#multicast = new Multicast({ ...world, self }, { scope, budgetMs, offerWindowMs, ended })
  }

  async run(opened: (space: SpaceId) => void): Promise<Answer> {
    const { clock } = this.#world
    const signal = this.#options.signal
    signal?.throwIfAborted()
    this.#started = clock.now()
    const known = this.#fromCommons(opened)
    if (known !== undefined) return known
    const { cards, reached } = await this.#multicast.begin([this.#query, this.#options.goal].filter(Boolean).join(' '))
    signal?.throwIfAborted()
    const meanwhile = this.#fromCommons(opened) // a peer that has just joined hears of it a moment later
    if (meanwhile !== undefined) return meanwhile
    const genesis = this.#genesis(cards, new Set(reached))
    const space = await this.#world.found(encodeGenesis(genesis))
    space.trace = this.#trace
    opened(space.id)
    const [question] = await space.replica.append([this.#question()])
    if (question === undefined || question.op.k !== 'broadcast') throw new AmpError('internal', 'the question was lost')
    this.#started = clock.now()
    this.#silent = space.suspected() // those were never heard of in this question
    const stops = [
      space.replica.subscribe(news => this.#heard(space, news)),
      space.onSuspicion(() => this.#suspected(space)),
      onAbort(signal, () => this.#wake()),
    ]
    try {
      this.#broadcast(space, question as Rec<'broadcast'>, genesis, reached)
      const outcome = await this.#watch(space, question)
      const answer = this.#answer(space, outcome)
      this.#tell({ t: answer.concludedMs, from: this.#world.identity.peerId, type: 'done', ...answer })
      return answer
    } finally {
      for (const stop of stops) stop()
    }
  }

  /** Nobody is looked for or asked any more. */
  end(): void {
    this.#ended.abort()
  }

  /** The mesh knows it already: nobody needs to be asked. */
  #fromCommons(opened: (space: SpaceId) => void): Answer | undefined {
    const { commons, space, identity } = this.#world
    const found = this.#options.fresh ? undefined : commons.answerTo(this.#question())
    if (found === undefined) return undefined
    const { solved } = found
    const answer = answerFromCommons(found, space(found.solution.space), identity.publicKey, this.#elapsed())
    opened(answer.space)
    this.#tell({ t: answer.concludedMs, ...whoSaid(solved), type: 'solved', space: commons.space.id, record: solved })
    this.#tell({ t: answer.concludedMs, from: identity.peerId, type: 'done', ...answer })
    return answer
  }

  /** Somebody asked the same before, in vain. Agents may have come since. */
  #tellGap(): void {
    const { commons } = this.#world
    const gap = commons.gapOf(this.#question())
    if (gap !== undefined) this.#tell({ t: 0, ...whoSaid(gap), type: 'gap', space: commons.space.id, record: gap })
  }

  #genesis(cards: readonly AgentCard[], reachable: ReadonlySet<PeerId>): Genesis {
    const { identity, mesh, random } = this.#world
    const { budgetMs, offerWindowMs } = this.#options
    return newGenesis({
      mesh,
      name: this.#query,
      founder: identity.publicKey,
      verifiers: chooseVerifiers(identity.publicKey, cards, reachable),
      ...(budgetMs !== undefined && { budgetMs }),
      ...(offerWindowMs !== undefined && { offerWindowMs }),
      random,
    })
  }

  #question(): Op<'broadcast'> {
    const { goal, requirements, scope, context, about, capability, via } = this.#options
    return {
      k: 'broadcast',
      query: this.#query,
      ...(goal !== undefined && { goal }),
      ...(requirements !== undefined && { requirements }),
      ...(scope !== undefined && { scope }),
      ...(context !== undefined && { context }),
      ...(about !== undefined && { about }),
      ...(capability !== undefined && { capability }),
      ...(via !== undefined && { via }),
    }
  }

  #broadcast(space: LiveSpace, record: Rec<'broadcast'>, genesis: Genesis, reached: readonly PeerId[]): void {
    const { identity, announce } = this.#world
    const verifiers = genesis.verifiers.map(({ pub }) => peerIdOf(pub))
    this.#multicast.send(invitationTo(space), reached, verifiers)
    space.makeKnown()
    const asked = [...this.#multicast.asked]
    this.#tell({ t: 0, from: identity.peerId, type: 'broadcast', space: space.id, record, asked })
    this.#tellGap()
    announce(space)
  }

  /** Asks more peers when those asked so far do not offer enough. */
  #askFurther(space: LiveSpace): void {
    const progress = { age: this.#elapsed(), offers: offers(space.replica.records).length, refused: isRefused(space) }
    const wave = this.#multicast.look(progress, () => invitationTo(space))
    if (wave === undefined) return
    this.#tell({ t: progress.age, from: this.#world.identity.peerId, type: 'wave', space: space.id, ...wave })
  }

  #heard(space: LiveSpace, news: readonly Rec[]): void {
    const t = this.#elapsed()
    for (const record of news) {
      if (record.op.k === 'broadcast') continue
      if (record.op.k === 'capability_match') this.#firstOfferMs ??= t
      this.#tell({ t, ...whoSaid(record), type: record.op.k, space: space.id, record })
    }
    this.#wake()
  }

  #suspected(space: LiveSpace): void {
    const now = space.suspected()
    const from = this.#world.identity.peerId
    for (const peer of now)
      if (!this.#silent.has(peer)) this.#tell({ t: this.#elapsed(), from, type: 'suspected', peer })
    this.#silent = now
    this.#wake()
  }

  /** Waits until the question has ended; writes the end itself where nobody else is left to. */
  async #watch(space: LiveSpace, question: Rec): Promise<Answer['outcome']> {
    const { genesis, replica } = space
    const signal = this.#options.signal
    let concludedAt: number | undefined
    for (;;) {
      const { records } = replica
      if (cancelled(records, genesis)) return 'cancelled'
      if (signal?.aborted) {
        await replica.append([{ k: 'cancel', for: question.id, why: 'the asker stopped asking' }])
        return 'cancelled'
      }
      const elapsed = this.#elapsed()
      const synthesis = conclusion(records, genesis).synthesis
      if (synthesis !== undefined) {
        concludedAt ??= elapsed
        const outcome = synthesis.op.partial === true ? 'partial' : 'concluded'
        const assented = assent(space, synthesis)
        if (assented || elapsed - concludedAt >= ASSENT_MS) return outcome
      } else if (elapsed >= genesis.budget.ms + SLACK_MS) {
        await replica.append([partialSynthesis(space, question)])
        return 'partial'
      } else if (elapsed >= genesis.offerWindowMs && offers(records).length === 0 && this.#isHopeless(space)) {
        await replica.append([gap(this.#question())])
        return 'no-agents'
      } else this.#askFurther(space)
      await this.#changed(50)
    }
  }

  /** No offer, and none to come: nobody is left to be asked, and those asked have refused, or kept silent for long. */
  #isHopeless(space: LiveSpace): boolean {
    const { asked, isOver, lastWaveAt } = this.#multicast
    const { budget, offerWindowMs } = space.genesis
    const share = asked.size > 0 ? QUESTION_DEFAULTS.patience * budget.ms : 0
    const patience = isRefused(space) ? offerWindowMs : Math.max(2 * offerWindowMs + SLACK_MS, share)
    return isOver && this.#elapsed() >= Math.min(lastWaveAt + patience, budget.ms)
  }

  /** Something happened, or `ms` went by. */
  #changed(ms: number): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.#world.clock.after(ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }

  #elapsed(): number {
    return this.#world.clock.now() - this.#started
  }

  #answer(space: LiveSpace, outcome: Answer['outcome']): Answer {
    const { records } = space.replica
    const synthesis = conclusion(records, space.genesis).synthesis
    const all = [...records.all()]
    const authors = new Set(all.filter(({ op }) => op.k !== 'ack').map(({ by }) => by))
    authors.delete(this.#world.identity.publicKey)
    return {
      space: space.id,
      outcome,
      ...(synthesis !== undefined && { synthesis }),
      peers: authors.size,
      ...(this.#firstOfferMs !== undefined && { firstOfferMs: this.#firstOfferMs }),
      concludedMs: this.#elapsed(),
      records: all.length,
      ...space.traffic,
    }
  }
}

function whoSaid(record: Rec): Pick<Happening, 'from' | 'agent'> {
  const speaker = speakerOf(record)
  const from = peerIdOf(speaker.author)
  return speaker.agent === '' ? { from } : { from, agent: speakerId(speaker) }
}

/** Those who fit best, and so verify, have all said no. */
const isRefused = (space: LiveSpace): boolean =>
  space.genesis.verifiers.length > 1 && awaited(space.replica.records, space.genesis, suspectedIn(space)).length === 0

const suspectedIn = (space: LiveSpace) => new Set([...space.suspected()].map(publicKeyOf))

/** Every live offerer has settled on it. */
function assent(space: LiveSpace, synthesis: Rec<'synthesis'>): boolean {
  return unsettled(space.replica.records, suspectedIn(space), [[synthesis.log, synthesis.seq]]).length === 0
}

/** When the budget is spent and nobody is left to conclude: what stands, and that it is not all. */
function partialSynthesis(space: LiveSpace, question: Rec): Op<'synthesis'> {
  const proposals = space.replica.records.of('proposal')
  const claims = proposals.map(({ id, op }) => ({ text: op.content.slice(0, 2_048), references: [id] }))
  const content = `The budget was spent before the agents concluded. Proposals so far: ${claims.length}.`
  return { k: 'synthesis', for: question.id, content, claims: claims.slice(0, SPACE_LIMITS.array), partial: true }
}

function invitationTo(space: LiveSpace): Message<'broadcast'> {
  const message = space.invitation()
  if (message === undefined) throw new AmpError('internal', 'the question was lost')
  return message
}

/** The known unknown. */
function gap(question: Op<'broadcast'>): Op<'gap'> {
  const { query, context } = question
  return { k: 'gap', q: questionKey(question) ?? problemKey(query, context), text: query }
}

function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  signal?.addEventListener('abort', listener, { once: true })
  return () => signal?.removeEventListener('abort', listener)
}
