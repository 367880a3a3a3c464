/**
 * One of a crowd that one adversary runs: a peer of the mesh as far as anybody can see. It takes places and greets;
 * what it hears of others' heads it repeats as its own, and it never gives or passes on anything.
 */
import { systemClock, systemRandom } from '@amp-mesh/peer/node'
import { type Message, meshLabel, type PeerId, type Stream } from '@amp-mesh/protocol'
import type { GossipSub } from '@libp2p/gossipsub'
import { peerIdFromString } from '@libp2p/peer-id'
import type { KnownMesh } from '../../packages/peer/src/hello.ts'
import { Links } from '../../packages/peer/src/links.ts'
import { hardenedWebSockets } from '../../packages/peer/src/network/hardened-web-sockets.ts'
import { Libp2pNetwork } from '../../packages/peer/src/network/libp2p-network.ts'
import { createNode, type Dht } from '../../packages/peer/src/network/libp2p-node.ts'
import { withSeldomUpdates } from '../../packages/peer/src/network/window-updates.ts'
import { swiftNoise } from '../../packages/peer/src/node/swift-noise.ts'
import { openWebSocketFrom } from '../../packages/peer/src/node/web-socket-dialer.ts'
import { topicsOf, wireNames } from '../../packages/peer/src/protocols.ts'
import { silent } from '../unit/peer/network/test-network.ts'

/** The part of gossipsub that says anything to anybody. */
interface Gossip {
  streamsOutbound: ReadonlyMap<PeerId, { push(bytes: Uint8Array): void }>
}

/** The parts of the routing that look around by themselves. */
interface Curiosity {
  querySelf: { stop(): void }
  routingTableRefresh: { stop(): Promise<void> }
}

/** Protocols anybody may open streams of. */
const kadOf = (mesh: KnownMesh) => `/amp-mesh/${meshLabel(mesh.id)}/kad/1.0.0`
const STREAMS = ['/ipfs/ping/1.0.0', '/ipfs/id/1.0.0', '/amp-mesh/hello/1.0.0']
const STREAM_MS = 2_000

/** A question of kad-dht on the wire: its length, and in protobuf the type (field 1) and the key (field 2). */
const findNode = (key: Uint8Array) => Uint8Array.of(4 + key.length, 0x08, 4, 0x12, key.length, ...key)

export class Sybil {
  readonly ip: string
  readonly topics: readonly string[]
  readonly network: Libp2pNetwork
  readonly #mesh: KnownMesh
  readonly #links: Links
  /** Whom it holds on to, and where. */
  readonly #victims: ReadonlyMap<PeerId, string>
  readonly #dialling = new Set<string>()
  /** Streams of the routing protocol: nobody need open one for each question. */
  readonly #asking = new Map<PeerId, Promise<Stream>>()
  #turn = 0

  /** `victims`: addresses it holds on to, the main one first. */
  static async start(mesh: KnownMesh, ip: string, victims: readonly string[]): Promise<Sybil> {
    const topics = topicsOf(mesh)
    const node = await createNode({
      ...{ mesh: meshLabel(mesh.id), topics, seed: systemRandom.bytes(32), clock: systemClock },
      // it takes no calls: so it is at whom it attacks, and nowhere else
      ...{ listen: [], transports: [hardenedWebSockets({ open: openWebSocketFrom(ip) })] },
      ...{ noise: swiftNoise, muxer: withSeldomUpdates },
    })
    const network = new Libp2pNetwork(node, silent, topics)
    const sybil = new Sybil(network, { mesh, ip, topics, victims })
    await network.start()
    // a crowd that met everybody would spend two cores on links that attack nobody
    const { querySelf, routingTableRefresh } = network.node.services.dht as Dht & Curiosity
    querySelf.stop()
    await routingTableRefresh.stop()
    return sybil
  }

  private constructor(
    network: Libp2pNetwork,
    init: { mesh: KnownMesh; ip: string; topics: readonly string[]; victims: readonly string[] },
  ) {
    this.network = network
    this.ip = init.ip
    this.topics = init.topics
    this.#mesh = init.mesh
    this.#victims = new Map(init.victims.map(address => [/\/p2p\/([^/]+)$/.exec(address)?.[1] ?? '', address]))
    for (const topic of init.topics) network.subscribe(topic, () => 'ignore') // nothing is passed on
    const nothing = () => {}
    this.#links = new Links({
      ...{ network, names: wireNames(init.mesh.id), mesh: init.mesh.id, clock: systemClock },
      onMessage: (from, message) => this.#pretend(from, message),
      ...{ onSent: nothing, onUp: nothing, onDown: nothing, onReachability: nothing, onRefused: nothing },
    })
  }

  /** Those of its victims that it is linked to. */
  get neighbours(): PeerId[] {
    return this.#links.up().filter(peer => this.#victims.has(peer))
  }

  /** Dials whoever it lost; waits for nobody. How many dials that is. */
  hold(): number {
    const missing = [...this.#victims].filter(([peer, address]) => !this.#dialling.has(address) && !this.#holds(peer))
    for (const [, address] of missing) {
      this.#dialling.add(address)
      const done = () => this.#dialling.delete(address)
      this.network.connect(address).then(done, done)
    }
    return missing.length
  }

  /** A gossip RPC to one victim, each time the next; false when it has none. */
  gossip(rpc: Uint8Array): boolean {
    const { streamsOutbound } = this.network.node.services.gossip as GossipSub & Gossip
    const stream = streamsOutbound.get(this.#next([...this.#victims.keys()]) ?? '')
    try {
      stream?.push(rpc)
      return stream !== undefined
    } catch {
      return false // it was closed, and gossipsub has not noticed yet
    }
  }

  /** A message to one neighbour; false when it has none, or that one reads too slowly. */
  post(message: Message): boolean {
    const to = this.#next(this.neighbours)
    return to !== undefined && this.#links.post(to, message)
  }

  /** Opens a stream at one neighbour, and says nothing on it. */
  openStream(): boolean {
    const to = this.#next(this.#connected)
    const protocol = this.#next([...STREAMS, kadOf(this.#mesh)])
    if (to === undefined || protocol === undefined) return false
    const signal = AbortSignal.timeout(STREAM_MS)
    void this.network.open(to, protocol, signal).catch(() => {})
    return true
  }

  /** Asks one neighbour who is near to a place nobody is at, on one stream as long as that is left open. */
  lookUp(): boolean {
    const to = this.#next(this.#connected)
    if (to === undefined) return false
    const stream = this.#asking.get(to) ?? this.network.open(to, kadOf(this.#mesh), AbortSignal.timeout(STREAM_MS))
    if (!this.#asking.has(to)) {
      this.#asking.set(to, stream)
      const ended = () => this.#asking.delete(to)
      stream.then(async opened => Array.fromAsync(opened.incoming(), () => undefined)).then(ended, ended)
    }
    stream.then(opened => opened.send(findNode(systemRandom.bytes(32)))).catch(() => {})
    return true
  }

  async stop(): Promise<void> {
    await this.#links.stop()
    await this.network.stop()
  }

  get #connected(): PeerId[] {
    return this.network.peers().filter(peer => this.#victims.has(peer))
  }

  #next<T>(choice: readonly T[]): T | undefined {
    return choice[this.#turn++ % choice.length]
  }

  #holds(peer: PeerId): boolean {
    return this.network.node.getConnections(peerIdFromString(peer)).length > 0
  }

  /** Says to hold what others hold, and keeps it back: whoever believes it asks in vain. */
  #pretend(from: PeerId, message: Message): void {
    if (message.type !== 'heads' || !this.#victims.has(from)) return
    for (const peer of this.neighbours) if (peer !== from) this.#links.post(peer, message)
  }
}
