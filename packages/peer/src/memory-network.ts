/** The `Network` port in memory: peers on one switchboard, deterministic, for tests and the simulator. */
import { closestOf, placeOfKey, placeOfPeer } from '@amp-mesh/discovery'
import {
  AmpError,
  asError,
  type Cancel,
  type Clock,
  type Network,
  type NetworkEvents,
  type PeerId,
  type Stream,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { MemoryStream } from './memory-stream.ts'

type Accept = Parameters<Network['subscribe']>[1]
interface Gossip {
  id: number
  topic: string
  bytes: Uint8Array
  from: PeerId
}

export interface SwitchboardInit {
  /** With a clock everything takes `latencyMs` one way, else a microtask. Order is kept either way. */
  clock?: Clock
  latencyMs?: number
}

/** Peers that an answer to `nearer` names: as in kad-dht. */
const CLOSER = 20
/** Gossip ids a peer remembers, so that a message passes it once. */
const SEEN = 8_192

/** All that lies between the peers: who is plugged in, and which wires are cut. */
export class MemorySwitchboard {
  readonly #networks = new Map<PeerId, MemoryNetwork>()
  readonly #cuts = new Set<string>()
  readonly #init: SwitchboardInit
  #gossip = 0

  constructor(init: SwitchboardInit = {}) {
    this.#init = init
  }

  /** The network of one peer. It is on the switchboard from `start` to `stop`. */
  network(self: PeerId): MemoryNetwork {
    return new MemoryNetwork(self, this)
  }

  /** Ends the connections between two groups of peers and refuses new ones until `heal`. */
  cut(left: readonly PeerId[], right: readonly PeerId[]): void {
    for (const a of left) {
      for (const b of right) {
        if (a === b) continue
        this.#networks.get(a)?.drop(b, 'the wire was cut')
        this.#cuts.add(wire(a, b))
      }
    }
  }

  /** Makes all wires whole. Peers are connected again when one of them dials. */
  heal(): void {
    this.#cuts.clear()
  }

  /** The network of `to` as `from` sees it: nothing when the wire is cut or nobody is there. */
  reach(from: PeerId, to: PeerId): MemoryNetwork | undefined {
    return this.#cuts.has(wire(from, to)) ? undefined : this.#networks.get(to)
  }

  plug(network: MemoryNetwork): void {
    if (this.#networks.has(network.self)) throw new AmpError('bad-input', `${network.self} is plugged in already`)
    this.#networks.set(network.self, network)
  }

  unplug(network: MemoryNetwork): void {
    this.#networks.delete(network.self)
  }

  deliver(action: () => void): void {
    const { clock, latencyMs } = this.#init
    if (clock === undefined) queueMicrotask(action)
    else clock.after(latencyMs ?? 0, action)
  }

  gossipId(): number {
    this.#gossip += 1
    return this.#gossip
  }
}

export class MemoryNetwork implements Network {
  readonly self: PeerId
  readonly #board: MemorySwitchboard
  readonly #neighbours = new Set<PeerId>()
  readonly #handlers = new Map<string, { streams: number; handler: (stream: Stream) => void }>()
  readonly #inbound = new Map<MemoryStream, string>()
  readonly #outbound = new Set<MemoryStream>()
  readonly #topics = new Map<string, Accept>()
  readonly #seen = new Set<number>()
  readonly #listeners = {
    connect: new Set<NetworkEvents['connect']>(),
    disconnect: new Set<NetworkEvents['disconnect']>(),
    addresses: new Set<NetworkEvents['addresses']>(), // which never change here
  }
  #running = false

  constructor(self: PeerId, board: MemorySwitchboard) {
    this.self = self
    this.#board = board
  }

  addresses(): string[] {
    return this.#running ? [`/memory/${this.self}`] : []
  }

  transport(): undefined {
    return undefined
  }

  peers(): PeerId[] {
    return [...this.#neighbours]
  }

  on<E extends keyof NetworkEvents>(event: E, listener: NetworkEvents[E]): Cancel {
    const listeners: Set<NetworkEvents[E]> = this.#listeners[event]
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  async connect(address: string, signal?: AbortSignal): Promise<PeerId> {
    const peer = /^\/memory\/([^/]+)$/.exec(address)?.[1]
    if (peer === undefined || peer === this.self)
      throw new AmpError(
        'unknown-address',
        `${address} is not the address of another peer; write it like /memory/<peer>`,
      )
    await this.#dial(peer, signal)
    return peer
  }

  /** Nothing to remember: the switchboard knows everybody. */
  remember(): void {}

  async disconnect(peer: PeerId): Promise<void> {
    this.drop(peer, 'disconnected')
  }

  async open(peer: PeerId, protocol: string, signal?: AbortSignal): Promise<Stream> {
    const remote = await this.#dial(peer, signal)
    const [ours, theirs] = MemoryStream.pair(this.self, peer, action => this.#board.deliver(action))
    if (!remote.#serve(protocol, theirs))
      throw new AmpError('unreachable', `${peer} does not speak ${protocol}, or has enough such streams`)
    for (const stream of this.#outbound) if (stream.over) this.#outbound.delete(stream)
    this.#outbound.add(ours)
    return ours
  }

  handle(protocol: string, streams: number, handler: (stream: Stream) => void): Cancel {
    this.#handlers.set(protocol, { streams, handler })
    return () => this.#handlers.delete(protocol)
  }

  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > WIRE_LIMITS.gossip) throw new AmpError('too-large', 'too large for gossip; send it on a stream')
    const gossip = { id: this.#board.gossipId(), topic, bytes: bytes.slice(), from: this.self }
    this.#note(gossip.id)
    this.#spread(gossip)
  }

  subscribe(topic: string, accept: Accept): Cancel {
    if (this.#topics.has(topic)) throw new AmpError('bad-input', `${topic} has a subscriber already`)
    this.#topics.set(topic, accept)
    return () => this.#topics.delete(topic)
  }

  /** Neighbours are the routing table here. */
  near(key: Uint8Array, count: number): PeerId[] {
    const places = this.peers().map(peer => [peer, placeOfPeer(peer)] as const)
    return closestOf(placeOfKey(key), places, count)
  }

  async nearer(peer: PeerId, key: Uint8Array, signal?: AbortSignal): Promise<PeerId[]> {
    const remote = await this.#dial(peer, signal)
    return remote.near(key, CLOSER).filter(other => other !== this.self)
  }

  async start(): Promise<void> {
    this.#board.plug(this)
    this.#running = true
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    for (const peer of this.peers()) this.drop(peer, 'stopped')
    this.#board.unplug(this)
  }

  /** Ends the connection to `peer` on both sides. */
  drop(peer: PeerId, why: string): void {
    if (!this.#neighbours.has(peer)) return
    this.#lose(peer, why)
    const remote = this.#board.reach(this.self, peer)
    if (remote !== undefined) remote.#lose(this.self, why)
  }

  async #dial(peer: PeerId, signal?: AbortSignal): Promise<MemoryNetwork> {
    signal?.throwIfAborted()
    await new Promise<void>(resolve => this.#board.deliver(resolve))
    signal?.throwIfAborted()
    const remote = this.#running && peer !== this.self ? this.#board.reach(this.self, peer) : undefined
    if (remote === undefined) throw new AmpError('unreachable', `nobody answers at ${peer}`)
    this.#meet(peer)
    remote.#meet(this.self)
    return remote
  }

  #meet(peer: PeerId): void {
    if (this.#neighbours.has(peer)) return
    this.#neighbours.add(peer)
    this.#emit('connect', peer)
  }

  #lose(peer: PeerId, why: string): void {
    if (!this.#neighbours.delete(peer)) return
    for (const stream of [...this.#outbound, ...this.#inbound.keys()]) {
      if (stream.peer !== peer) continue
      stream.abort(new Error(why))
      this.#outbound.delete(stream)
      this.#inbound.delete(stream)
    }
    this.#emit('disconnect', peer)
  }

  #serve(protocol: string, stream: MemoryStream): boolean {
    for (const known of this.#inbound.keys()) if (known.over) this.#inbound.delete(known)
    const served = this.#handlers.get(protocol)
    const open = [...this.#inbound].filter(([known, name]) => known.peer === stream.peer && name === protocol).length
    if (served === undefined || open >= served.streams) return false
    this.#inbound.set(stream, protocol)
    this.#board.deliver(async () => {
      try {
        await served.handler(stream)
      } catch (error) {
        stream.abort(asError(error))
      }
    })
    return true
  }

  #spread(gossip: Gossip): void {
    for (const peer of this.#neighbours) {
      this.#board.deliver(() => {
        const remote = this.#board.reach(this.self, peer)
        if (remote !== undefined) remote.#hear(gossip)
      })
    }
  }

  #hear(gossip: Gossip): void {
    const accept = this.#topics.get(gossip.topic)
    if (accept === undefined || !this.#note(gossip.id)) return
    if (accept(gossip.bytes, gossip.from) === 'accept') this.#spread(gossip)
  }

  /** True when the id is new here. */
  #note(id: number): boolean {
    if (this.#seen.has(id)) return false
    this.#seen.add(id)
    const [oldest] = this.#seen
    if (this.#seen.size > SEEN && oldest !== undefined) this.#seen.delete(oldest)
    return true
  }

  #emit(event: 'connect' | 'disconnect', peer: PeerId): void {
    for (const listener of this.#listeners[event]) this.#board.deliver(() => listener(peer))
  }
}

const wire = (a: PeerId, b: PeerId) => (a < b ? `${a} ${b}` : `${b} ${a}`)
