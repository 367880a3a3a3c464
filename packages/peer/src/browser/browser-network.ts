/**
 * The network of a peer in a browser: WebSockets to those that listen, a place at two relays for those that want to
 * come in, WebRTC between tabs. LIBP2P.md §7.
 */
import type { Clock, Logger, Random } from '@amp-mesh/protocol'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { DirectConnections } from '../network/direct-connections.ts'
import { hardenedWebSockets } from '../network/hardened-web-sockets.ts'
import { Libp2pNetwork } from '../network/libp2p-network.ts'
import { createNode, type Node, type NodeInit } from '../network/libp2p-node.ts'
import { PLACES_AT_RELAYS, relayTransport, THROUGH_RELAYS } from '../network/relay-transport.ts'
import { webRtcTransport } from '../network/web-rtc-transport.ts'
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
    listen: [...PLACES_AT_RELAYS, '/webrtc'],
    dhtClient: true,
    door: init.door,
    limits: { connections: CONNECTIONS, ...THROUGH_RELAYS },
  })
  return new BrowserNetwork(node, init)
}

export class BrowserNetwork extends Libp2pNetwork {
  readonly #direct: DirectConnections

  constructor(node: Node, init: BrowserNetworkInit) {
    super(node, init.logger, init.topics, THROUGH_RELAYS.reachMs)
    this.#direct = new DirectConnections({ ...init, node })
  }

  override async stop(): Promise<void> {
    this.#direct.stop()
    await super.stop()
  }
}
