/** The `Network` port on libp2p: peers, streams, gossip and routing, with typed errors and bounded waits. */
import { placeOfKey } from '@amp-mesh/discovery'
import {
  AmpError,
  asError,
  type Cancel,
  type Code,
  type Logger,
  type Network,
  type NetworkEvents,
  type PeerId,
  type Stream,
  TRANSPORT_LIMITS,
  type Transport,
} from '@amp-mesh/protocol'
import { TopicValidatorResult } from '@libp2p/gossipsub'
import type { Connection, Stream as MuxedStream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { parseAddress } from './address.ts'
import { networkOf } from './connection-gate.ts'
import { fitsGossip } from './gossip-settings.ts'
import type { Known } from './keeper.ts'
import { ADDRESSES_PER_PEER, type Node } from './libp2p-node.ts'
import { Libp2pStream } from './libp2p-stream.ts'
import { waysThroughRelays } from './relay-transport.ts'

type Accept = Parameters<Network['subscribe']>[1]

/** kad-dht reports to which of several walks of its own a step belongs; ours are not its own. */
const NO_PATH = { index: -1, queued: 0, running: 0, total: 0 } as const
const VERDICTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const

export class Libp2pNetwork implements Network {
  readonly self: PeerId
  /** libp2p itself, for inspection and tests. */
  readonly node: Node
  readonly #logger: Logger
  readonly #topics: ReadonlySet<string>
  readonly #listeners = {
    connect: new Set<NetworkEvents['connect']>(),
    disconnect: new Set<NetworkEvents['disconnect']>(),
    addresses: new Set<NetworkEvents['addresses']>(),
  }
  readonly #dialMs: number
  readonly #stopped = new AbortController()

  /** `dialMs`: to reach a peer, its addresses tried one after the other. */
  constructor(node: Node, logger: Logger, topics: readonly string[], dialMs: number = TRANSPORT_LIMITS.dialMs) {
    this.node = node
    this.self = node.peerId.toString()
    this.#logger = logger
    this.#topics = new Set(topics)
    this.#dialMs = dialMs
    // libp2p tells 'peer:disconnect' only when the last of several connections to a peer has closed
    node.addEventListener('peer:connect', event => this.#emit('connect', event.detail.toString()))
    node.addEventListener('peer:disconnect', event => this.#emit('disconnect', event.detail.toString()))
    node.addEventListener('self:peer:update', () => this.#emit('addresses', this.self))
  }

  addresses(): string[] {
    return waysThroughRelays(this.node.getMultiaddrs().map(address => address.toString()))
  }

  peers(): PeerId[] {
    return this.node.getPeers().map(peer => peer.toString())
  }

  transport(peer: PeerId): Transport | undefined {
    const open = this.node.getConnections(peerIdFromString(peer)).filter(({ status }) => status === 'open')
    const best = open.find(connection => connection.direct) ?? open[0]
    return best && transportOf(best.remoteAddr.toString())
  }

  on<E extends keyof NetworkEvents>(event: E, listener: NetworkEvents[E]): Cancel {
    const listeners: Set<NetworkEvents[E]> = this.#listeners[event]
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  async connect(address: string, signal?: AbortSignal): Promise<PeerId> {
    const target = parseAddress(address)
    try {
      const connection = await this.node.dial(target, { signal: this.#deadline(this.#dialMs, signal) })
      return connection.remotePeer.toString()
    } catch (error) {
      throw dialError(address, error)
    }
  }

  remember(peer: PeerId, addresses: readonly string[]): void {
    if (peer === this.self) return
    const multiaddrs: Multiaddr[] = []
    for (const address of addresses.slice(0, ADDRESSES_PER_PEER)) {
      try {
        multiaddrs.push(multiaddr(address))
      } catch {
        this.#logger.debug('an address of a card is no multiaddr', { peer })
      }
    }
    if (multiaddrs.length === 0) return
    this.node.peerStore
      .merge(peerIdFromString(peer), { multiaddrs })
      .catch(error => this.#logger.debug('addresses not remembered', { peer, error: String(error) }))
  }

  /** Removes a peer that does not answer any more from the routing table and the address book (F14). */
  async forget(peer: PeerId): Promise<void> {
    const id = peerIdFromString(peer)
    try {
      await this.node.services.dht.routingTable.remove(id)
      await this.node.peerStore.delete(id)
    } catch (error) {
      this.#logger.debug('peer not forgotten', { peer, error: String(error) })
    }
  }

  /**
   * Peers whose addresses are known, connected or not, and the network each is in: where it really is while it is
   * connected, else where it says to be.
   */
  async known(): Promise<Known[]> {
    const peers = await this.node.peerStore.all()
    return peers.flatMap(({ id, addresses: [said] }) => {
      if (said === undefined || id.equals(this.node.peerId)) return []
      const address = this.node.getConnections(id)[0]?.remoteAddr ?? said.multiaddr
      return { peer: id.toString(), subnet: networkOf(address) }
    })
  }

  /** Connects to a peer whose addresses are known; rejects with `unreachable`. */
  async dial(peer: PeerId, signal?: AbortSignal): Promise<void> {
    try {
      await this.node.dial(peerIdFromString(peer), { signal: this.#deadline(this.#dialMs, signal) })
    } catch (error) {
      throw dialError(peer, error)
    }
  }

  async disconnect(peer: PeerId): Promise<void> {
    await this.node.hangUp(peerIdFromString(peer), { signal: AbortSignal.timeout(TRANSPORT_LIMITS.closeMs) })
  }

  async open(peer: PeerId, protocol: string, signal?: AbortSignal): Promise<Stream> {
    try {
      const id = peerIdFromString(peer)
      const options = { signal: this.#deadline(this.#dialMs, signal), runOnLimitedConnection: true }
      const open = this.node.getConnections(id).filter(connection => connection.status === 'open')
      // libp2p itself would dial again beside a relayed connection
      const best = open.find(connection => connection.direct) ?? open[0] ?? (await this.node.dial(id, options))
      const stream = await best.newStream(protocol, options)
      return new Libp2pStream(peer, stream)
    } catch (error) {
      throw new AmpError('unreachable', `no ${protocol} stream to ${peer}: is it still running?`, String(error), error)
    }
  }

  handle(protocol: string, streams: number, handler: (stream: Stream) => void): Cancel {
    const serve = async (muxed: MuxedStream, connection: Connection) => {
      const stream = new Libp2pStream(connection.remotePeer.toString(), muxed)
      try {
        await handler(stream) // an async handler's failure must end here too: libp2p would leave the stream open
      } catch (error) {
        this.#logger.warn('a stream handler threw', { protocol, error: String(error) })
        stream.abort(asError(error))
      }
    }
    const note = (error: unknown) => this.#logger.warn('protocol not changed', { protocol, error: String(error) })
    const registered = this.node
      .handle(protocol, serve, { maxInboundStreams: streams, runOnLimitedConnection: true })
      .catch(note)
    return () => registered.then(() => this.node.unhandle(protocol)).catch(note)
  }

  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    this.#checkTopic(topic)
    if (!fitsGossip(bytes))
      throw new AmpError('too-large', `a gossip message of ${bytes.length} bytes; send it on a stream`)
    await this.node.services.gossip.publish(topic, bytes)
  }

  subscribe(topic: string, accept: Accept): Cancel {
    this.#checkTopic(topic)
    const { gossip } = this.node.services
    if (gossip.topicValidators.has(topic)) throw new AmpError('bad-input', `${topic} has a subscriber already`)
    gossip.topicValidators.set(topic, (_neighbour, message) => {
      if (message.type !== 'signed' || !fitsGossip(message.data)) return TopicValidatorResult.Reject
      try {
        return VERDICTS[accept(message.data, message.from.toString())]
      } catch (error) {
        this.#logger.warn('a gossip handler threw', { topic, error: String(error) })
        return TopicValidatorResult.Ignore
      }
    })
    if (this.node.status === 'started') gossip.subscribe(topic)
    return () => {
      gossip.topicValidators.delete(topic)
      if (this.node.status === 'started') gossip.unsubscribe(topic)
    }
  }

  /** Whoever has just connected is in no routing table for a moment. */
  near(key: Uint8Array, count: number): PeerId[] {
    const { routingTable } = this.node.services.dht
    const peers = routingTable.closestPeers(placeOfKey(key), { count: count + 1 })
    const others = peers.map(peer => peer.toString()).filter(peer => peer !== this.self)
    return (others.length === 0 ? this.peers() : others).slice(0, count)
  }

  async nearer(peer: PeerId, key: Uint8Array, signal?: AbortSignal): Promise<PeerId[]> {
    const options = { signal: this.#deadline(TRANSPORT_LIMITS.queryMs, signal), path: NO_PATH }
    const request = { type: 'FIND_NODE', key } as const
    let why: unknown = 'no answer'
    for await (const event of this.node.services.dht.network.sendRequest(peerIdFromString(peer), request, options)) {
      if (event.name === 'QUERY_ERROR') why = event.error
      if (event.name !== 'PEER_RESPONSE') continue
      const others = event.closer.filter(({ id }) => !id.equals(this.node.peerId))
      // to be dialled next, so their addresses must be there
      await Promise.all(others.map(({ id, multiaddrs }) => this.node.peerStore.merge(id, { multiaddrs })))
      return others.map(({ id }) => id.toString())
    }
    throw new AmpError('unreachable', `${peer} does not say whom it knows`, String(why), why)
  }

  async start(): Promise<void> {
    await this.node.start()
    for (const topic of this.node.services.gossip.topicValidators.keys()) this.node.services.gossip.subscribe(topic)
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new AmpError('stopped', 'the peer is stopping'))
    await this.node.stop()
  }

  #emit<E extends keyof NetworkEvents>(event: E, peer: PeerId): void {
    for (const listener of this.#listeners[event]) {
      try {
        listener(peer)
      } catch (error) {
        this.#logger.error('a network listener threw', { event, error: String(error) })
      }
    }
  }

  #deadline(ms: number, signal?: AbortSignal): AbortSignal {
    return AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(ms), ...(signal ? [signal] : [])])
  }

  #checkTopic(topic: string): void {
    if (!this.#topics.has(topic)) throw new AmpError('bad-input', `${topic} is not a topic of this mesh`)
  }
}

function dialError(target: string, error: unknown): AmpError {
  const why = String(error)
  const failed = (code: Code, words: string) => new AmpError(code, words, why, error)
  if (/dial self/i.test(why)) return failed('unknown-address', `${target} is this peer's own address`)
  if (/could not negotiate \/yamux/.test(why))
    return failed(
      'not-allowed',
      `the mesh at ${target} is closed: ask one of its members to run \`amp-mesh invite\`, and use what it prints`,
    )
  if (/could not negotiate .*\/admit\//.test(why))
    return failed('wrong-mesh', `the peer at ${target} is not of this closed mesh`)
  if (/did not let this one into its mesh/.test(why)) return failed('not-allowed', reasonOf(error))
  if (/does not match expected remote identity|UnexpectedPeer/.test(why))
    return failed(
      'unreachable',
      `another peer answers at ${target}; leave out /p2p/… to accept it, or ask for the new address`,
    )
  return failed(
    'unreachable',
    `nobody answers at ${target}; is a peer running there, and is the port open? (${reasonOf(error)})`,
  )
}

/** The innermost words: libp2p wraps "connection refused" several times. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? error.name : error.message
}

/** By the parts of a multiaddr; a WebRTC one names the relay it was arranged through as well. */
function transportOf(address: string): Transport {
  if (address.includes('/webrtc')) return 'webrtc'
  if (address.includes('/p2p-circuit')) return 'relay'
  return /\/(ws|wss)(\/|$)/.test(address) ? 'websocket' : 'tcp'
}
