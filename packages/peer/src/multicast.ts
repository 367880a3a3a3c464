/** Semantic multicast: a question goes to the peers that fit, wave after wave, as waves.ts plans it. The thin rim. */
import { type Candidate, type Preferred, prefer } from '@amp-mesh/discovery'
import {
  type AgentCard,
  type AgentId,
  type Clock,
  type Message,
  type PeerId,
  QUESTION_DEFAULTS,
  type Random,
} from '@amp-mesh/protocol'
import { type Outlook, type Prospect, planWave, type Step } from './waves.ts'

export interface MulticastWorld {
  self: PeerId
  clock: Clock
  random: Random
  find(text: string, options: { limit: number; minScore: number; signal: AbortSignal }): AsyncIterable<Candidate>
  /** The directory holds the cards of all agents, as far as one can know. */
  knowsAll(): boolean
  /** Those of the peers that are linked now, or can be within a moment. */
  reach(peers: readonly PeerId[], signal: AbortSignal): Promise<PeerId[]>
  linked(): PeerId[]
  post(peer: PeerId, message: Message): boolean
  /** Gossips a question to the whole mesh. */
  spread(question: Message<'broadcast'>): void
}

export interface MulticastInit extends Pick<Outlook, 'scope' | 'budgetMs' | 'offerWindowMs'> {
  /** Aborts when the question has ended: nobody is looked for or asked after that. */
  ended: AbortSignal
}

/** Whom a wave after the first went to. */
export interface Wave {
  readonly peers: readonly PeerId[]
  readonly everybody: boolean
}

/** How the question stands now: see {@link Outlook}. */
export type Progress = Pick<Outlook, 'age' | 'offers' | 'refused'>

/** Candidates taken into account: the most that two waves can ask. */
const CANDIDATES = 128
/** Who fits less than this hardly ever offers: it is worth a place of a wave only when nobody else is left. */
const MIN_FIT = 0.1
/** What looking for candidates, and reaching those of one wave, may take, ms. */
const FIND_MS = 2_000
/** The first of the first wave are reached before the question is written: some of them will verify. */
const FIRST = 16
/** Once somebody was found, the first wave waits this long for better ones from afar, and for stragglers, ms. */
const GATHER_MS = 300

export class Multicast {
  readonly #world: MulticastWorld
  readonly #init: MulticastInit
  readonly #found = new Map<AgentId, Candidate>()
  /** Planned to be asked, reached or not. */
  readonly #tried = new Set<PeerId>()
  readonly #asked = new Set<PeerId>()
  #lastWaveAt: number | undefined
  #flooded = false
  #step: Step = { do: 'wait' }
  /** Of the first wave, those who are asked as soon as they can be reached. */
  #rest: readonly PeerId[] = []

  constructor(world: MulticastWorld, init: MulticastInit) {
    this.#world = world
    this.#init = init
  }

  /** Peers the question was sent to, directly. */
  get asked(): ReadonlySet<PeerId> {
    return this.#asked
  }

  /** When the last wave went out: ms since the question was written. */
  get lastWaveAt(): number {
    return this.#lastWaveAt ?? 0
  }

  /** Nobody more will be asked. */
  get isOver(): boolean {
    return this.#step.do === 'rest'
  }

  /** Looks for whom to ask first, and reaches them. The search goes on for later waves. */
  async begin(text: string): Promise<{ cards: AgentCard[]; reached: PeerId[] }> {
    await this.#gather(text)
    const step = this.#plan({ age: 0, offers: 0, refused: false })
    const wave = step.do === 'ask' ? step.peers : []
    const asked = new Set(wave.slice(0, FIRST))
    this.#rest = wave.slice(FIRST)
    const reached = await this.#reached([...asked])
    const cards = this.#preferred().flatMap(({ candidate: { peer, card } }) => (asked.has(peer) ? card : []))
    return { cards, reached }
  }

  /** Sends the first wave: to those reached, to `others` who must know, and to everybody where so planned. */
  send(message: Message<'broadcast'>, reached: readonly PeerId[], others: readonly PeerId[]): void {
    const everybody = this.#step.do === 'ask' && this.#step.everybody
    this.#lastWaveAt = 0
    for (const peer of [...others, ...reached]) this.#post(peer, message)
    void this.#ask(this.#rest, message)
    if (everybody) this.#flood(message)
  }

  /** Asks whom it is time to ask; tells which, or undefined. */
  look(progress: Progress, message: () => Message<'broadcast'>): Wave | undefined {
    const step = this.#plan(progress)
    if (step.do !== 'ask') return undefined
    this.#lastWaveAt = progress.age
    if (step.everybody) this.#flood(message())
    else void this.#ask(step.peers, message())
    return { peers: step.peers, everybody: step.everybody }
  }

  #plan(progress: Progress): Step {
    this.#step = planWave({
      ...progress,
      ...this.#init,
      prospects: prospectsOf(this.#preferred(), this.#world.self),
      asked: this.#tried,
      lastWaveAt: this.#lastWaveAt,
      flooded: this.#flooded,
      draw: this.#world.random.float(),
    })
    if (this.#step.do === 'ask') for (const peer of this.#step.peers) this.#tried.add(peer)
    return this.#step
  }

  async #ask(peers: readonly PeerId[], message: Message<'broadcast'>): Promise<void> {
    const reached = await this.#world.reach(peers, this.#deadline(FIND_MS))
    if (!this.#init.ended.aborted) for (const peer of reached) this.#post(peer, message)
  }

  #flood(message: Message<'broadcast'>): void {
    this.#flooded = true
    for (const peer of this.#world.linked()) this.#post(peer, message)
    this.#world.spread(message)
  }

  /** Once each: what comes twice is thrown away there, but it was sent. */
  #post(peer: PeerId, message: Message<'broadcast'>): void {
    this.#tried.add(peer)
    if (this.#asked.has(peer) || peer === this.#world.self) return
    this.#asked.add(peer)
    this.#world.post(peer, message)
  }

  /** Who is not linked yet is waited for only briefly when enough others are: whoever comes later is told then. */
  #reached(peers: readonly PeerId[]): Promise<PeerId[]> {
    const linked = new Set(this.#world.linked())
    const enough = peers.filter(peer => linked.has(peer)).length >= QUESTION_DEFAULTS.offers
    return this.#world.reach(peers, this.#deadline(enough ? GATHER_MS : FIND_MS))
  }

  #preferred(): Preferred[] {
    return prefer([...this.#found.values()])
  }

  /** Resolves when the search has ended, or has brought somebody and nothing better came soon. */
  #gather(text: string): Promise<void> {
    const { clock, knowsAll } = this.#world
    const { promise, resolve } = Promise.withResolvers<void>()
    let cancel: (() => void) | undefined
    const search = async () => {
      const options = { limit: CANDIDATES, minScore: MIN_FIT, signal: this.#deadline(FIND_MS) }
      for await (const candidate of this.#world.find(text, options)) {
        this.#found.set(candidate.agent, candidate)
        // those of the directory come in one turn
        cancel ??= clock.after(knowsAll() ? 0 : GATHER_MS, resolve)
      }
    }
    return Promise.race([promise, search()]).finally(() => cancel?.())
  }

  #deadline(ms: number): AbortSignal {
    const deadline = new AbortController()
    const cancel = this.#world.clock.after(ms, () => deadline.abort())
    this.#init.ended.addEventListener('abort', cancel, { once: true })
    return AbortSignal.any([deadline.signal, this.#init.ended])
  }
}

/** Peers in the order of their best agents. */
function prospectsOf(preferred: readonly Preferred[], self: PeerId): Prospect[] {
  const prospects = new Map<PeerId, Prospect>()
  for (const { candidate, parts } of preferred) {
    const { peer, acquaintance } = candidate
    if (peer === self || prospects.has(peer)) continue
    prospects.set(peer, { peer, fit: parts.fit, newcomer: acquaintance?.reputation === undefined })
  }
  return [...prospects.values()]
}
