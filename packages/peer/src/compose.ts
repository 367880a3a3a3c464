/** Where network, discovery and context meet: a peer put together from what it is given. */
import { type Candidate, Directory, type FindOptions, Interests, LexicalEmbedder } from '@amp-mesh/discovery'
import {
  AmpError,
  type Cancel,
  type Clock,
  commonsGenesis,
  type Embedder,
  encodeGenesis,
  encodeMessage,
  type Identity,
  LEDGER_LIMITS,
  type Logger,
  type Message,
  type Metrics,
  type Model,
  type Network,
  type PeerId,
  parseAgentId,
  publicKeyOf,
  type Random,
  type SpaceId,
  sleep,
} from '@amp-mesh/protocol'
import { type AskWorld, ask } from './ask.ts'
import { Cards } from './cards.ts'
import { Commons } from './commons.ts'
import type { Asking, AskOptions, CardDraft, Inspection, Invitation, Peer, PeerInfo, Space } from './contract.ts'
import type { ReachabilityChange } from './failure-detector.ts'
import { Finding } from './finding.ts'
import { type KnownMesh, serveHello } from './hello.ts'
import { Inspections } from './inspection.ts'
import { Links } from './links.ts'
import { newGenesis } from './new-genesis.ts'
import { peerInfo } from './peer-info.ts'
import type { PeerParts } from './peer-parts.ts'
import { wireNames } from './protocols.ts'
import { Reach } from './reach.ts'
import { Reception } from './reception.ts'
import { Scout } from './scout.ts'
import { silentMetrics } from './silent-metrics.ts'
import { Spaces } from './spaces.ts'

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
  readonly embedder: Embedder
  readonly model: Model | undefined
  readonly #parts: PeerParts
  readonly #network: Network
  readonly #directory: Directory
  readonly #interests = new Interests()
  readonly #scout: Scout
  readonly #cards: Cards
  readonly #finding: Finding
  readonly #links: Links
  readonly #reception: Reception
  readonly #spaces: Spaces
  readonly #inspections: Inspections
  readonly #handlers: Cancel[]
  readonly #reach: Reach
  readonly #stopped = new AbortController()
  readonly #introduction = Promise.withResolvers<void>()
  readonly #onStop: (() => Promise<void>)[] = []
  #commons: Commons | undefined
  #draining = false
  #stopping: Promise<void> | undefined

  constructor(parts: PeerParts) {
    const { mesh, network, identity, verify, clock, random, logger } = parts
    this.#parts = parts
    this.identity = identity
    this.mesh = mesh
    this.clock = clock
    this.random = random
    this.logger = logger
    this.metrics = parts.metrics ?? silentMetrics
    this.embedder = parts.embedder ?? new LexicalEmbedder()
    this.model = parts.model
    this.#network = network
    const names = wireNames(mesh.id)
    const linked = () => this.#links.up()
    this.#inspections = new Inspections(clock)
    this.#directory = new Directory({
      ...{ mesh: mesh.id, verify, clock, salt: random.bytes(16), self: identity.peerId },
      interestIn: card => this.#interests.of(card),
    })
    this.#cards = new Cards({ ...parts, mesh: mesh.id, names, directory: this.#directory, linked })
    const { directory, embedder } = { directory: this.#directory, embedder: this.embedder }
    this.#finding = new Finding({ ...parts, mesh: mesh.id, protocol: names.index, directory, embedder })
    this.#reception = new Reception({
      clock,
      logger,
      metrics: this.metrics,
      spaces: () => this.#spaces,
      post: (peer, message) => this.#links.post(peer, message),
      onRefused: (peer, code) => this.#inspections.tell({ event: 'refused', peer, code }),
    })
    this.#links = new Links({
      network,
      names,
      mesh: mesh.id,
      clock,
      failureDetection: parts.failureDetection,
      onMessage: (from, message, bytes) => this.#reception.receive(from, message, bytes),
      onSent: (_to, message, bytes) => this.#reception.sent(message, bytes),
      onUp: peer => this.#linkUp(peer),
      onDown: peer => this.#linkDown(peer),
      onReachability: change => this.#reachability(change),
      onRefused: (peer, code) => this.#inspections.tell({ event: 'refused', peer, code }),
    })
    this.#scout = new Scout({
      ...{ network, finding: this.#finding, interests: this.#interests, links: this.#links },
      trackRecords: () => this.#kept().trackRecords(),
    })
    this.#reach = new Reach({
      self: identity.peerId,
      isLinked: peer => this.#links.isUp(peer),
      want: peer => this.#want(peer),
    })
    this.#spaces = new Spaces({
      ...parts,
      embedder: this.embedder,
      mesh: mesh.id,
      linked,
      isLinked: peer => this.#links.isUp(peer),
      isSuspected: peer => this.#links.isAbsent(peer),
      post: (peer, message) => this.#links.post(peer, message),
      spread: question => this.#spread(question),
      want: peer => this.#want(peer),
      onRecord: (space, record) => {
        this.#inspections.tell({ event: 'record', space, record })
        this.#commons?.heard(space, record)
      },
      onRefused: (peer, code) => this.#inspections.tell({ event: 'refused', peer, code }),
      onInvited: (space, query) => this.#inspections.tell({ event: 'invited', space, query }),
      onJoined: space => this.#inspections.tell({ event: 'joined', space }),
    })
    this.#handlers = [
      serveHello(network, clock, mesh),
      network.subscribe(names.topics.broadcast, (bytes, from) => this.#reception.gossiped(bytes, from)),
      this.#directory.subscribe(({ change, card }) => {
        if (change === 'new' || change === 'newer')
          this.#inspections.tell({ event: 'card', agent: card.agent, state: card.state })
        if (card.state === 'gone') this.#noteLeft(parseAgentId(card.agent).peer)
      }),
    ]
  }

  async start(): Promise<void> {
    await this.#spaces.reopen()
    this.#commons = new Commons({
      space: await this.#spaces.openCommons(commonsGenesis(this.mesh.id, this.mesh.file)),
      spaces: () => this.#spaces.all(),
      self: this.identity.publicKey,
      clock: this.clock,
      logger: this.logger,
    })
    await this.#network.start()
    this.#parts.started(peer => this.#links.dialFailed(peer))
    this.#finding.start()
  }

  /** Resolves when the first neighbour has told the cards it knows, or the signal aborts. */
  async introduced(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([this.#introduction.promise, aborted])
  }

  /** Runs `action` when the peer stops, before anything else does. */
  onStop(action: () => Promise<void>): void {
    this.#onStop.push(action)
  }

  addresses(): string[] {
    return this.#network.addresses()
  }

  get commons(): Space {
    return this.#kept().space
  }

  ask(query: string, options?: AskOptions): Asking {
    this.#checkRunning()
    const commons = this.#kept()
    const world: AskWorld = {
      mesh: this.mesh.id,
      identity: this.identity,
      clock: this.clock,
      random: this.random,
      find: (text, options) => this.find(text, options),
      reach: (peers, signal) => this.#reach.all(peers, signal),
      linked: () => this.#links.up(),
      post: (peer, message) => this.#links.post(peer, message),
      spread: question => this.#spread(question),
      createSpace: genesis => this.#spaces.create(genesis),
      announce: space => this.#spaces.announce(space),
      commons,
      space: id => this.#spaces.get(id),
    }
    return ask(world, query, options)
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
    return this.#spaces.create(encodeGenesis(genesis))
  }

  spaces(): Space[] {
    return this.#spaces.all()
  }

  space(id: SpaceId): Space | undefined {
    return this.#spaces.get(id)
  }

  find(text: string, options?: FindOptions): AsyncIterable<Candidate> {
    return this.#scout.find(text, options)
  }

  /** How far its own cards have got into the index of the mesh. */
  get published(): Finding['published'] {
    return this.#finding.published
  }

  peers(): PeerInfo[] {
    const known = new Set([...this.#links.up(), ...this.#directory.all().map(({ agent }) => parseAgentId(agent).peer)])
    known.delete(this.identity.peerId)
    const sources = { links: this.#links, network: this.#network, directory: this.#directory }
    return [...known].map(id => peerInfo(id, sources))
  }

  inspect(signal?: AbortSignal): AsyncIterable<Inspection> {
    return this.#inspections.stream(signal)
  }

  /** `host`: whose agents these are, where tabs share a peer. */
  async announce(agents: readonly CardDraft[], host?: string): Promise<void> {
    await this.#cards.announce(agents, host)
    this.#interests.setOwn(this.#cards.own())
  }

  onInvitation(listener: (invitation: Invitation) => void): Cancel {
    return this.#spaces.onInvitation(listener)
  }

  async drain(signal?: AbortSignal): Promise<void> {
    this.#draining = true
    this.#reception.closeToQuestions()
    await this.#cards.close('draining')
    while (!signal?.aborted && this.#spaces.all().some(space => space.isBusy()))
      await sleep(this.clock, DRAIN_LOOK_MS, signal).catch(() => {})
    await this.#cards.close('gone')
    await this.stop()
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#stopped.abort(new AmpError('stopped', 'the peer was stopped'))
    for (const action of this.#onStop) await action()
    for (const cancel of this.#handlers) cancel()
    this.#cards.stop()
    this.#finding.stop()
    this.#commons?.close()
    await this.#spaces.close()
    await this.#links.stop()
    await this.#network.stop()
    this.#inspections.end()
    await this.#parts.close()
  }

  #kept(): Commons {
    if (this.#commons === undefined) throw new AmpError('stopped', 'this peer has not started yet')
    return this.#commons
  }

  #checkRunning(): void {
    if (this.#draining || this.#stopping !== undefined) throw new AmpError('stopped', 'this peer is stopping')
  }

  #spread(question: Message<'broadcast'>): void {
    this.#network
      .publish(wireNames(this.mesh.id).topics.broadcast, encodeMessage(question))
      .catch(error => this.logger.debug('the question could not be gossiped', { error: String(error) }))
  }

  #linkUp(peer: PeerId): void {
    this.#inspections.tell({ event: 'connected', peer })
    void this.#cards.pull(peer, this.#stopped.signal).then(this.#introduction.resolve)
    this.#spaces.linkUp(peer)
    this.#reach.arrived(peer)
    this.#finding.peerCame(peer)
  }

  #linkDown(peer: PeerId): void {
    this.#inspections.tell({ event: 'disconnected', peer })
    this.#reception.forget(peer)
    this.#spaces.linkDown(peer)
  }

  #reachability({ peer, state, why }: ReachabilityChange): void {
    if (why === undefined) this.#inspections.tell({ event: 'recovered', peer })
    else if (state !== 'reachable') this.#inspections.tell({ event: state, peer, why })
    this.#spaces.suspicionChanged(peer)
  }

  /** All its agents are gone, and no connection says that it is there itself. */
  #noteLeft(peer: PeerId): void {
    const cards = this.#directory.of(peer)
    if (!this.#links.isUp(peer) && cards.every(({ state }) => state === 'gone')) this.#links.left(peer)
  }

  #want(peer: PeerId): void {
    const addresses = this.#directory.of(peer).flatMap(card => card.addresses)
    this.#network.remember(peer, addresses)
    this.#links.want(peer)
    this.#parts.keep(peer)
  }
}
