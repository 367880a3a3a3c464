/**
 * The network of a peer in a browser: WebSockets to those that listen, a place at two relays for those that want to
 * come in, WebRTC between tabs. LIBP2P.md §7.
 */
import type { Clock, Logger, Random } from '@amp-mesh/protocol'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { hardenedWebSockets } from '../network/hardened-web-sockets.ts'
import { Libp2pNetwork } from '../network/libp2p-network.ts'
import { createNode, type Node, type NodeInit } from '../network/libp2p-node.ts'
import { DirectConnections } from './direct-connections.ts'
import { relayTransport } from './relay-transport.ts'
import { webRtcTransport } from './web-rtc-transport.ts'
import { openWebSocket } from './web-socket-dialer.ts'

export interface BrowserNetworkInit {
  /** Label of the mesh: the first 12 characters of its id. */
  mesh: string
  key: Uint8Array | Ed25519PrivateKey
  /** Gossip topics of the mesh. */
  topics: readonly string[]
  clock: Clock
  random: Random
  logger: Logger
  /** STUN and TURN servers for WebRTC between networks. None by default: they are strangers who learn who talks. */
  iceServers?: readonly RTCIceServer[]
  /** The door of a closed mesh. */
  door?: NodeInit['door']
}

/** A tab talks to few: each WebRTC connection costs a browser some megabytes. */
const CONNECTIONS = 48
/** A WebRTC handshake takes several rounds through a relay, ms. */
const HANDSHAKE_MS = 8_000
/** To reach a peer: directly, and if that fails through a relay, ms. */
const DIAL_MS = 12_000

/** Makes the network, not started. */
export async function browserNetwork(init: BrowserNetworkInit): Promise<BrowserNetwork> {
  const node = await createNode({
    mesh: init.mesh,
    seed: init.key,
    topics: init.topics,
    clock: init.clock,
    transports: [
      hardenedWebSockets({ open: openWebSocket }),
      webRtcTransport({ rtcConfiguration: { iceServers: [...(init.iceServers ?? [])] } }),
      relayTransport(),
    ],
    listen: ['/p2p-circuit', '/p2p-circuit', '/webrtc'], // each circuit is a place at another relay
    dhtClient: true,
    door: init.door,
    limits: { connections: CONNECTIONS, dialMs: HANDSHAKE_MS, upgradeMs: HANDSHAKE_MS },
  })
  return new BrowserNetwork(node, init)
}

export class BrowserNetwork extends Libp2pNetwork {
  readonly #direct: DirectConnections

  constructor(node: Node, init: BrowserNetworkInit) {
    super(node, init.logger, init.topics, DIAL_MS)
    this.#direct = new DirectConnections({ ...init, node })
  }

  /** A card has room for a few: each relay's two ways come together, the direct one first. */
  override addresses(): string[] {
    const all = super.addresses()
    const direct = all.filter(address => address.includes('/webrtc/'))
    const relayed = all.filter(address => !address.includes('/webrtc/'))
    return relayed.flatMap((address, i) => [...direct.slice(i, i + 1), address])
  }

  override async stop(): Promise<void> {
    this.#direct.stop()
    await super.stop()
  }
}
