/** The agents a peer knows of: its own, those in its directory, and those it finds in the index of the mesh. */
import { type Candidate, Directory, type FindOptions, Interests } from '@amp-mesh/discovery'
import type { AgentCard, AgentId, Cancel, PeerId } from '@amp-mesh/protocol'
import { Cards } from './cards.ts'
import type { CardDraft } from './contract.ts'
import { Finding } from './finding.ts'
import type { CompleteParts } from './peer-parts.ts'
import { wireNames } from './protocols.ts'
import { Scout, type ScoutInit } from './scout.ts'

export interface KnownAgentsInit extends Pick<ScoutInit, 'links' | 'trackRecords'> {
  parts: CompleteParts
  linked(): PeerId[]
  /** An agent was not known before, or says something new of itself. */
  onCard(agent: AgentId, state: AgentCard['state']): void
}

export class KnownAgents {
  readonly directory: Directory
  readonly #interests = new Interests()
  readonly #cards: Cards
  readonly #finding: Finding
  readonly #scout: Scout
  readonly #unsubscribe: Cancel

  constructor({ parts, links, linked, trackRecords, onCard }: KnownAgentsInit) {
    const { identity, mesh, network, clock, random, verify } = parts
    const names = wireNames(mesh.id)
    this.directory = new Directory({
      mesh: mesh.id,
      verify,
      clock,
      salt: random.bytes(16),
      self: identity.peerId,
      interestIn: card => this.#interests.of(card),
    })
    const known = { ...parts, mesh: mesh.id, directory: this.directory }
    this.#cards = new Cards({ ...known, names, linked })
    this.#finding = new Finding({ ...known, protocol: names.index })
    this.#scout = new Scout({ network, finding: this.#finding, interests: this.#interests, links, trackRecords })
    this.#unsubscribe = this.directory.subscribe(({ change, card }) => {
      if (change === 'new' || change === 'newer') onCard(card.agent, card.state)
    })
  }

  /** How far the peer's own cards have got into the index of the mesh. */
  get published(): Finding['published'] {
    return this.#finding.published
  }

  find(text: string, options?: FindOptions): AsyncIterable<Candidate> {
    return this.#scout.find(text, options)
  }

  /** The peer's own cards as they stand. */
  own(): AgentCard[] {
    return this.#cards.own()
  }

  /** Announces exactly these agents of `host`. */
  async announce(agents: readonly CardDraft[], host?: string): Promise<void> {
    await this.#cards.announce(agents, host)
    this.#interests.setOwn(this.#cards.own())
  }

  /** Says of every own agent that it takes nothing new, or is gone. */
  close(state: 'draining' | 'gone'): Promise<void> {
    return this.#cards.close(state)
  }

  /** Takes its part in the index of the mesh, until `stop`. */
  start(): void {
    this.#finding.start()
  }

  /** To be called when a peer is linked. Resolves when it has told the cards it knows, or the signal aborts. */
  async peerCame(peer: PeerId, signal: AbortSignal): Promise<void> {
    this.#finding.peerCame(peer)
    await this.#cards.pull(peer, signal)
  }

  stop(): void {
    this.#unsubscribe()
    this.#cards.stop()
    this.#finding.stop()
  }
}
