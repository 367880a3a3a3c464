/** What a peer is made of, wired: its links, its spaces, the agents it knows, and what they tell each other. */
import {
  AmpError,
  type Cancel,
  type Code,
  commonsGenesis,
  encodeMessage,
  type Message,
  type PeerId,
  parseAgentId,
} from '@amp-mesh/protocol'
import type { AskWorld } from './ask.ts'
import { Commons } from './commons.ts'
import type { PeerInfo } from './contract.ts'
import type { ReachabilityChange } from './failure-detector.ts'
import { serveHello } from './hello.ts'
import { Inspections } from './inspection.ts'
import { KnownAgents } from './known-agents.ts'
import type { Lines, LinkListener } from './lines.ts'
import { Links } from './links.ts'
import { peerInfo } from './peer-info.ts'
import type { CompleteParts } from './peer-parts.ts'
import { wireNames } from './protocols.ts'
import { Reach } from './reach.ts'
import { Reception } from './reception.ts'
import { Spaces } from './spaces.ts'

export class Wiring {
  readonly inspections: Inspections
  readonly agents: KnownAgents
  readonly reception: Reception
  readonly spaces: Spaces
  readonly #parts: CompleteParts
  readonly #links: Links
  readonly #reach: Reach
  readonly #handlers: Cancel[]
  readonly #linkListeners = new Set<LinkListener>()
  readonly #stopped = new AbortController()
  readonly #introduction = Promise.withResolvers<void>()
  #introduced = false
  #commons: Commons | undefined

  constructor(parts: CompleteParts) {
    const { mesh, network, identity, clock } = parts
    const names = wireNames(mesh.id)
    this.#parts = parts
    this.inspections = new Inspections(clock)
    const onRefused = (peer: PeerId, code: string) => this.inspections.tell({ event: 'refused', peer, code })
    this.#links = new Links({
      network,
      names,
      mesh: mesh.id,
      clock,
      failureDetection: parts.failureDetection,
      onMessage: (from, message, bytes) => this.reception.receive(from, message, bytes),
      onSent: (_to, message, bytes) => this.reception.sent(message, bytes),
      onUp: peer => this.#linkUp(peer),
      onDown: (peer, code) => this.#linkDown(peer, code),
      onReachability: change => this.#reachability(change),
      onRefused,
    })
    this.agents = new KnownAgents({
      parts,
      links: this.#links,
      linked: () => this.#links.up(),
      trackRecords: () => this.commons.trackRecords(),
      onCard: (agent, state) => {
        this.inspections.tell({ event: 'card', agent, state })
        if (state === 'gone') this.#noteLeft(parseAgentId(agent).peer)
      },
    })
    this.#reach = new Reach({
      self: identity.peerId,
      isLinked: peer => this.#links.isUp(peer),
      want: peer => this.#want(peer),
    })
    this.spaces = new Spaces({
      ...parts,
      mesh: mesh.id,
      linked: () => this.#links.up(),
      isLinked: peer => this.#links.isUp(peer),
      isSuspected: peer => this.#links.isAbsent(peer),
      post: (peer, message) => this.#links.post(peer, message),
      spread: question => this.#spread(question),
      want: peer => this.#want(peer),
      onRecord: (space, record) => {
        this.inspections.tell({ event: 'record', space, record })
        this.#commons?.heard(space, record)
      },
      onRefused,
      onInvited: (space, query) => this.inspections.tell({ event: 'invited', space, query }),
      onJoined: space => this.inspections.tell({ event: 'joined', space }),
    })
    this.reception = new Reception({
      ...parts,
      spaces: this.spaces,
      post: (peer, message) => this.#links.post(peer, message),
      onRefused,
    })
    this.#handlers = [
      serveHello(network, clock, mesh),
      network.subscribe(names.topics.broadcast, (bytes, from) => this.reception.gossiped(bytes, from)),
    ]
  }

  /** Opens the spaces on the disk, then the network. */
  async start(): Promise<void> {
    const { clock, identity, logger, mesh, network } = this.#parts
    await this.spaces.reopen()
    this.#commons = new Commons({
      space: await this.spaces.openCommons(commonsGenesis(mesh.id, mesh.file)),
      spaces: () => this.spaces.all(),
      self: identity.publicKey,
      clock,
      logger,
    })
    await network.start()
    this.#parts.started(peer => this.#links.dialFailed(peer))
    this.agents.start()
  }

  async stop(): Promise<void> {
    for (const cancel of this.#handlers) cancel()
    this.agents.stop()
    this.#commons?.close()
    await this.spaces.close()
    await this.#links.stop()
    await this.#parts.network.stop()
    this.inspections.end()
    await this.#parts.close()
  }

  /** Lets go of what is under way with others, before anything is stopped. */
  abort(): void {
    this.#stopped.abort(new AmpError('stopped', 'the peer was stopped'))
  }

  /** Resolves when the first neighbour has told the cards it knows. */
  get introduction(): Promise<void> {
    return this.#introduction.promise
  }

  /** Throws `stopped` before the start. */
  get commons(): Commons {
    if (this.#commons === undefined) throw new AmpError('stopped', 'this peer has not started yet')
    return this.#commons
  }

  /** What a question needs. */
  get askWorld(): AskWorld {
    const { clock, identity, mesh, random, tracer } = this.#parts
    return {
      mesh: mesh.id,
      identity,
      clock,
      random,
      tracer,
      find: (text, options) => this.agents.find(text, options),
      knowsAll: () => this.#introduced && !this.agents.directory.isPartial,
      reach: (peers, signal) => this.#reach.all(peers, signal),
      linked: () => this.#links.up(),
      post: (peer, message) => this.#links.post(peer, message),
      spread: question => this.#spread(question),
      found: genesis => this.spaces.found(genesis),
      announce: space => this.spaces.announce(space),
      commons: this.commons,
      space: id => this.spaces.get(id),
    }
  }

  /** For what speaks with other peers beside questions and spaces. */
  get lines(): Lines {
    return {
      linked: () => this.#links.up(),
      isLinked: peer => this.#links.isUp(peer),
      post: (peer, message) => this.#links.post(peer, message),
      want: peer => this.#want(peer),
      take: handlers => this.reception.take(handlers),
      onLink: listener => {
        this.#linkListeners.add(listener)
        return () => this.#linkListeners.delete(listener)
      },
    }
  }

  /** All other peers that are linked, or known by the cards of their agents. */
  peers(): PeerInfo[] {
    const { identity, network } = this.#parts
    const { directory } = this.agents
    const known = new Set([...this.#links.up(), ...directory.all().map(({ agent }) => parseAgentId(agent).peer)])
    known.delete(identity.peerId)
    return [...known].map(id => peerInfo(id, { links: this.#links, network, directory }))
  }

  #linkUp(peer: PeerId): void {
    this.inspections.tell({ event: 'connected', peer })
    void this.agents.peerCame(peer, this.#stopped.signal).then(() => {
      this.#introduced = true
      this.#introduction.resolve()
    })
    this.spaces.linkUp(peer)
    this.#reach.arrived(peer)
    for (const listener of this.#linkListeners) listener.up(peer)
  }

  #linkDown(peer: PeerId, code: Code | undefined): void {
    this.inspections.tell({ event: 'disconnected', peer, ...(code !== undefined && { code }) })
    this.reception.forget(peer)
    this.spaces.linkDown(peer)
    for (const listener of this.#linkListeners) listener.down(peer)
  }

  #reachability({ peer, state, why }: ReachabilityChange): void {
    if (why === undefined) this.inspections.tell({ event: 'recovered', peer })
    else if (state !== 'reachable') this.inspections.tell({ event: state, peer, why })
    this.spaces.suspicionChanged(peer)
  }

  /** All its agents are gone, and no connection says that it is there itself. */
  #noteLeft(peer: PeerId): void {
    const cards = this.agents.directory.of(peer)
    if (!this.#links.isUp(peer) && cards.every(({ state }) => state === 'gone')) this.#links.left(peer)
  }

  #spread(question: Message<'broadcast'>): void {
    const { logger, mesh, network } = this.#parts
    network
      .publish(wireNames(mesh.id).topics.broadcast, encodeMessage(question))
      .catch(error => logger.debug('the question could not be gossiped', { error: String(error) }))
  }

  #want(peer: PeerId): void {
    const addresses = this.agents.directory.of(peer).flatMap(card => card.addresses)
    this.#parts.network.remember(peer, addresses)
    this.#links.want(peer)
    this.#parts.keep(peer)
  }
}
