/** `hostAgents` puts agents on a peer. They hear its questions, judge themselves, and take part where they can help. */
import type { CardDraft, Invitation, Peer } from '@amp-mesh/peer'
import {
  AGENT_LIMITS,
  type Agent,
  AmpError,
  type Cancel,
  type Offer,
  orAborted,
  type Question,
  type Rec,
  type SpaceId,
  traced,
} from '@amp-mesh/protocol'
import { defineAgent } from './define-agent.ts'
import { questionOf } from './knowledge.ts'
import { offerBySimilarity } from './offering.ts'
import { Participation } from './participation.ts'
import { Slots } from './slots.ts'

export interface Host {
  readonly peer: Peer
  readonly agents: readonly Agent[]
  /**
   * Takes no new questions, and ends when those at hand are over, or at once when `signal` aborts. Without a signal it
   * ends at once. Withdraws the agents' cards.
   */
  close(signal?: AbortSignal): Promise<void>
}

/**
 * Announces the agents and lets them take part in every question that reaches `peer`, and in those it carried before a
 * restart. Throws AmpError `bad-input` on an agent that is none, on two of one name, and on too many.
 */
export async function hostAgents(peer: Peer, agents: readonly Agent[]): Promise<Host> {
  check(agents)
  const host = new AgentHost(peer, agents)
  await peer.announce(agents.map(agent => cardOf(agent, peer)))
  return host
}

function check(agents: readonly Agent[]): void {
  for (const agent of agents) defineAgent(agent)
  const names = agents.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new AmpError('bad-input', `two agents are called "${twice}": rename one`)
  if (agents.length > AGENT_LIMITS.agentsPerPeer)
    throw new AmpError('bad-input', `a peer hosts at most ${AGENT_LIMITS.agentsPerPeer} agents: start another peer`)
}

const cardOf = (
  { name, description, capabilities, operator }: Agent,
  { model }: Peer,
  state: 'ready' | 'busy' = 'ready',
): CardDraft => ({
  name,
  ...(description !== undefined && { description }),
  capabilities,
  operator: operator ?? 'unstated',
  model: model?.id ?? 'none',
  state,
})

/** A card goes through the whole mesh: who is busy for less than this does not say so, ms. */
const LOAD_MS = 1_000

class AgentHost implements Host {
  readonly peer: Peer
  readonly agents: readonly Agent[]
  readonly #slots = new Slots(AGENT_LIMITS.spacesAtOnce)
  readonly #participations = new Map<SpaceId, Promise<Participation>>()
  readonly #closing = new AbortController()
  readonly #stopListening: () => void
  /** Agents whose cards say that they are busy. */
  #busy: readonly string[] = []
  #nextLoad: Cancel | undefined

  constructor(peer: Peer, agents: readonly Agent[]) {
    this.peer = peer
    this.agents = agents
    const cancels = [peer.onInvitation(invitation => this.#invited(invitation))]
    for (const agent of agents) {
      const cancel = agent.receive && peer.receive?.(agent.name, mail => agent.receive?.(mail))
      if (cancel !== undefined) cancels.push(cancel)
    }
    this.#stopListening = () => {
      for (const cancel of cancels) cancel()
    }
  }

  async close(signal: AbortSignal = AbortSignal.abort()): Promise<void> {
    this.#stopListening()
    this.#nextLoad?.()
    const open = await Promise.allSettled(this.#participations.values())
    const running = open.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    await orAborted(Promise.all(running.map(({ ended }) => ended)), signal).catch(() => {})
    this.#closing.abort(new AmpError('stopped', 'this host was closed'))
    for (const participation of running) participation.close()
    await this.peer.announce([]).catch(error => {
      this.peer.logger.debug('the cards could not be withdrawn', { error: String(error) })
    })
  }

  #invited(invitation: Invitation): void {
    if (this.#closing.signal.aborted || this.#participations.has(invitation.space)) return
    const { logger, clock } = this.peer
    const deadline = clock.now() + invitation.genesis.budget.ms
    const known = invitation.verifier || this.peer.space(invitation.space) !== undefined
    if (known) this.#participate(invitation).catch(error => logger.warn('could not join', { error: String(error) }))
    for (const agent of this.agents)
      this.#enter(agent, invitation, deadline, known).catch(error => {
        logger.warn('an agent could not take part', { agent: agent.name, error: String(error) })
      })
  }

  /** An agent's way into a space: a free place, then its judgement. It keeps the place while it works there. */
  async #enter(agent: Agent, invitation: Invitation, deadline: number, known: boolean): Promise<void> {
    const release = await this.#slots.take(agent.name)
    this.#loadChanged()
    try {
      if (this.#closing.signal.aborted || this.peer.clock.now() > deadline) return
      const before = known ? await this.#participate(invitation) : undefined
      if (!before?.hasOffered(agent)) {
        const offer = await this.#judged(agent, invitation)
        // who is named a verifier is waited for, so it says no as well
        if (offer === undefined) return invitation.verifier ? await before?.refuse(agent) : undefined
        const participation = await this.#participate(invitation)
        participation.able(agent, offer)
      }
      await this.#participations.get(invitation.space)?.then(({ ended }) => ended)
    } finally {
      release()
      this.#loadChanged()
    }
  }

  /** Cards say who has no place for a further question: others ask somebody else first. */
  #loadChanged(): void {
    const { clock, logger } = this.peer
    this.#nextLoad ??= clock.after(LOAD_MS, () => {
      this.#nextLoad = undefined
      this.#tellLoad().catch(error => logger.debug('the load could not be told', { error: String(error) }))
    })
  }

  async #tellLoad(): Promise<void> {
    const busy = this.agents.map(({ name }) => name).filter(name => this.#slots.isFull(name))
    if (this.#closing.signal.aborted || busy.join() === this.#busy.join()) return
    this.#busy = busy
    await this.peer.announce(
      this.agents.map(agent => cardOf(agent, this.peer, busy.includes(agent.name) ? 'busy' : 'ready')),
    )
  }

  /** Joins once, whichever agent came first. */
  #participate(invitation: Invitation): Promise<Participation> {
    const open = this.#participations.get(invitation.space)
    if (open !== undefined) return open
    const joining = invitation.join().then(space => {
      const judge = (agent: Agent, question: Question, signal: AbortSignal) => this.#judge(agent, question, signal)
      const { peer, agents } = this
      return new Participation({ peer, space, question: invitation.question, agents, judge })
    })
    this.#participations.set(invitation.space, joining)
    joining
      .then(({ ended }) => ended)
      .catch(() => {})
      .then(() => this.#participations.delete(invitation.space))
    return joining
  }

  #judged(agent: Agent, { question, space, trace }: Invitation): Promise<Offer | undefined> {
    const { tracer, identity } = this.peer
    const fields = { peer: identity.peerId, agent: agent.name, space }
    return traced(tracer, trace, 'offer', fields, () => this.#judgeSafely(agent, question))
  }

  async #judgeSafely(agent: Agent, question: Rec<'broadcast'>): Promise<Offer | undefined> {
    const { clock, logger } = this.peer
    const deadline = new AbortController()
    const cancel = clock.after(AGENT_LIMITS.contributeMs, () =>
      deadline.abort(new AmpError('budget-spent', 'the agent took too long to judge the question')),
    )
    const signal = AbortSignal.any([this.#closing.signal, deadline.signal])
    try {
      return await orAborted(this.#judge(agent, questionOf(question), signal), signal)
    } catch (error) {
      if (!this.#closing.signal.aborted)
        logger.error('agent failed in offer: it stays out of this question', {
          agent: agent.name,
          error: String(error),
        })
      return undefined
    } finally {
      cancel()
    }
  }

  async #judge(agent: Agent, question: Question, signal: AbortSignal): Promise<Offer | undefined> {
    const { embedder, model } = this.peer
    if (agent.offer === undefined) return offerBySimilarity(question, agent.capabilities, embedder, signal)
    const offer = await agent.offer(question, { embedder, signal, ...(model !== undefined && { model }) })
    return offer && { ...offer, confidence: Math.min(1, Math.max(0, offer.confidence)) }
  }
}
