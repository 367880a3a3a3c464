/** A peer put together from what it is given: the face it shows to those above it, and how it starts and ends. */
import type { Candidate, FindOptions } from '@amp-mesh/discovery'
import {
  type AgentCard,
  AmpError,
  aborted,
  type Cancel,
  type Clock,
  type Embedder,
  encodeGenesis,
  type Identity,
  LEDGER_LIMITS,
  type Logger,
  type Metrics,
  type Model,
  type Network,
  type PeerId,
  publicKeyOf,
  type Random,
  type SpaceId,
  sleep,
  type Tracer,
} from '@amp-mesh/protocol'
import { ask } from './ask.ts'
import type {
  Answer,
  Asking,
  AskOptions,
  CardDraft,
  Inspection,
  Invitation,
  Peer,
  PeerInfo,
  Space,
} from './contract.ts'
import type { KnownMesh } from './hello.ts'
import type { KnownAgents } from './known-agents.ts'
import type { Lines } from './lines.ts'
import { newGenesis } from './new-genesis.ts'
import { completed, type PeerParts } from './peer-parts.ts'
import { Wiring } from './wiring.ts'

/** How often a draining peer looks whether its spaces are done, ms. */
const DRAIN_LOOK_MS = 50

/** Wires a peer, opens the spaces on its disk and starts the network. */
export async function composePeer(parts: PeerParts): Promise<ComposedPeer> {
  const peer = new ComposedPeer(parts)
  await peer.start()
  return peer
}

export class ComposedPeer implements Peer {
  readonly identity: Identity
  readonly mesh: KnownMesh
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tracer: Tracer
  readonly embedder: Embedder
  readonly model: Model | undefined
  readonly #network: Network
  readonly #wiring: Wiring
  readonly #onStop: (() => Promise<void>)[] = []
  #draining = false
  #stopping: Promise<void> | undefined

  constructor(given: PeerParts) {
    const parts = completed(given)
    this.identity = parts.identity
    this.mesh = parts.mesh
    this.clock = parts.clock
    this.random = parts.random
    this.logger = parts.logger
    this.metrics = parts.metrics
    this.tracer = parts.tracer
    this.embedder = parts.embedder
    this.model = parts.model
    this.#network = parts.network
    this.#wiring = new Wiring(parts)
  }

  start(): Promise<void> {
    return this.#wiring.start()
  }

  /** Resolves when the first neighbour has told the cards it knows, or the signal aborts. */
  async introduced(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#wiring.introduction, aborted(signal)])
  }

  /** For what speaks with other peers beside questions and spaces. */
  get lines(): Lines {
    return this.#wiring.lines
  }

  /** Runs `action` when the peer stops, before anything else does. */
  onStop(action: () => Promise<void>): void {
    this.#onStop.push(action)
  }

  addresses(): string[] {
    return this.#network.addresses()
  }

  get commons(): Space {
    return this.#wiring.commons.space
  }

  ask(query: string, options?: AskOptions): Asking {
    this.#checkRunning()
    const asking = ask(this.#wiring.askWorld, query, options)
    asking.answer.then(answer => this.#measure(answer)).catch(() => {})
    return asking
  }

  /** A closed space: founder and members write, all of them verify as far as the bound on verifiers goes. */
  async createSpace({ name, members }: { name: string; members: PeerId[] }): Promise<Space> {
    this.#checkRunning()
    const keys = [...new Set([this.identity.publicKey, ...members.map(publicKeyOf)])]
    const genesis = newGenesis({
      mesh: this.mesh.id,
      name,
      founder: this.identity.publicKey,
      verifiers: keys.slice(0, LEDGER_LIMITS.verifiers).map(pub => ({ pub, operator: '', model: '' })),
      writers: keys,
      random: this.random,
    })
    const space = await this.#wiring.spaces.found(encodeGenesis(genesis))
    space.makeKnown()
    return space
  }

  spaces(): Space[] {
    return this.#wiring.spaces.all()
  }

  space(id: SpaceId): Space | undefined {
    return this.#wiring.spaces.get(id)
  }

  find(text: string, options?: FindOptions): AsyncIterable<Candidate> {
    return this.#wiring.agents.find(text, options)
  }

  /** How far its own cards have got into the index of the mesh. */
  get published(): KnownAgents['published'] {
    return this.#wiring.agents.published
  }

  peers(): PeerInfo[] {
    return this.#wiring.peers()
  }

  inspect(signal?: AbortSignal): AsyncIterable<Inspection> {
    return this.#wiring.inspections.stream(signal)
  }

  /** The cards of its own agents as they stand. */
  agents(): AgentCard[] {
    return this.#wiring.agents.own()
  }

  /** `host`: whose agents these are, where tabs share a peer. */
  announce(agents: readonly CardDraft[], host?: string): Promise<void> {
    return this.#wiring.agents.announce(agents, host)
  }

  onInvitation(listener: (invitation: Invitation) => void): Cancel {
    return this.#wiring.spaces.onInvitation(listener)
  }

  async drain(signal?: AbortSignal): Promise<void> {
    this.#draining = true
    const { agents, reception, spaces } = this.#wiring
    reception.closeToQuestions()
    await agents.close('draining')
    while (!signal?.aborted && spaces.all().some(space => space.isBusy()))
      await sleep(this.clock, DRAIN_LOOK_MS, signal).catch(() => {})
    await agents.close('gone')
    await this.stop()
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#wiring.abort()
    for (const action of this.#onStop) await action()
    await this.#wiring.stop()
  }

  /** Neither draining nor stopped. */
  get isRunning(): boolean {
    return !this.#draining && this.#stopping === undefined
  }

  #measure({ outcome, firstOfferMs, concludedMs }: Answer): void {
    this.metrics.observe('amp_question_seconds', concludedMs / 1_000, { outcome })
    if (firstOfferMs !== undefined) this.metrics.observe('amp_first_offer_seconds', firstOfferMs / 1_000)
  }

  #checkRunning(): void {
    if (!this.isRunning) throw new AmpError('stopped', 'this peer is stopping')
  }
}
