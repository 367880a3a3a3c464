/** The network of a peer on Node: libp2p behind one HTTP port, plain TCP beside it where wanted. */
import { type Logger, TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import { circuitRelayTransport, RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2'
import { mdns } from '@libp2p/mdns'
import { tcp } from '@libp2p/tcp'
import { DirectConnections } from '../network/direct-connections.ts'
import { hardenedWebSockets } from '../network/hardened-web-sockets.ts'
import { Libp2pNetwork } from '../network/libp2p-network.ts'
import { createNode, type Node, type NodeInit, type NodeLimits } from '../network/libp2p-node.ts'
import { PLACES_AT_RELAYS, relayTransport, THROUGH_RELAYS } from '../network/relay-transport.ts'
import { withSeldomUpdates } from '../network/window-updates.ts'
import { addressesOf, behindFront, HIDDEN_ADDRESS } from './front-listener.ts'
import { type FrontLimits, FrontServer } from './front-server.ts'
import type { TlsFiles } from './front-tls.ts'
import { ownIps } from './listen-address.ts'
import { listenedAddresses } from './listened-addresses.ts'
import { relayService } from './relay-service.ts'
import { swiftNoise } from './swift-noise.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'
import { openWebSocket, openWebSocketFrom } from './web-socket-dialer.ts'

export interface NodeNetworkInit {
  /** Label of the mesh: the first 12 characters of its id. */
  mesh: string
  /** The 32 secret bytes of the peer's key. */
  seed: Uint8Array
  /** Gossip topics of the mesh. */
  topics: readonly string[]
  logger: Logger
  /** IP address to listen on (default 127.0.0.1; 0.0.0.0 for all) and port (default 0: any free one). */
  host?: string
  port?: number
  /** Also listen for plain TCP, on this port (0: any). It is a third faster than WebSockets between servers. */
  tcpPort?: number
  /** Multiaddrs to tell others in place of the own ones, e.g. behind a proxy. */
  announce?: readonly string[]
  /** Find peers of this mesh on the local network. Off by default: containers and CI have no use for it. */
  mdns?: boolean
  /** Be a relay for many who cannot listen; every peer is one for a few. */
  relay?: boolean
  /**
   * Nobody can call this peer: it takes places at two relays, and leaves a relay for WebRTC where that gets through.
   * `stun` servers (`host:port`) tell it how it is seen from outside; without one WebRTC stays within its network.
   */
  behindNat?: { stun: readonly string[] } | undefined
  limits?: Partial<NodeLimits & FrontLimits>
  /** Of the HTTP port: TLS beside plain HTTP, under these names, and whether other machines may do without. */
  tls?: (TlsFiles & { names: readonly string[] }) | undefined
  plain?: boolean | undefined
  /** IP address of this machine that its WebSockets leave from (default: as the system chooses). */
  dialFrom?: string
  /** The door of a closed mesh. */
  door?: NodeInit['door']
}

/** Makes the network, not started. Pages and other WebSockets are added to its `front`. */
export async function nodeNetwork(init: NodeNetworkInit): Promise<NodeNetwork> {
  const { dedicatedRelay } = TRANSPORT_LIMITS
  const { behindNat } = init
  const limits = { ...(init.relay === true && dedicatedRelay), ...(behindNat && THROUGH_RELAYS), ...init.limits }
  const front = new FrontServer({ ...TRANSPORT_LIMITS, ...limits, tls: init.tls, plain: init.plain })
  const host = init.host ?? '127.0.0.1'
  const open = init.dialFrom === undefined ? openWebSocket : openWebSocketFrom(init.dialFrom)
  const webRtc = behindNat && (await webRtcOf(behindNat.stun, init.logger))
  const node = await createNode({
    ...init,
    clock: systemClock,
    limits,
    noise: swiftNoise,
    muxer: withSeldomUpdates,
    transports: [
      hardenedWebSockets({ open, guard: listener => behindFront(listener, front, init.tls?.names) }),
      tcp({ maxConnections: limits.connections ?? TRANSPORT_LIMITS.connections }),
      behindNat ? relayTransport() : circuitRelayTransport(), // also to dial those behind other relays
      ...(webRtc ? [webRtc] : []),
    ],
    listen: [
      HIDDEN_ADDRESS,
      ...(init.tcpPort === undefined ? [] : [tcpAddress(host, init.tcpPort)]),
      ...(behindNat ? PLACES_AT_RELAYS : []),
      ...(webRtc ? ['/webrtc'] : []),
    ],
    // the address of somebody else's machine, wherever it is read
    ...(behindNat && { announced: (address: string) => address.includes('/p2p-circuit'), dhtClient: true }),
    ownIps: ownIps(),
    services: {
      ...(behindNat === undefined && {
        relay: relayService(init.relay === true ? dedicatedRelay : TRANSPORT_LIMITS.relay),
      }),
      listened: listenedAddresses,
    },
    ...(init.mdns === true ? { discovery: [mdns({ serviceTag: `amp-mesh-${init.mesh.toLowerCase()}.local` })] } : {}),
  })
  return new NodeNetwork(node, front, { ...init, host })
}

export class NodeNetwork extends Libp2pNetwork {
  readonly front: FrontServer
  readonly #host: string
  readonly #port: number
  readonly #direct: DirectConnections | undefined

  constructor(node: Node, front: FrontServer, init: NodeNetworkInit & { host: string }) {
    super(node, init.logger, init.topics, init.behindNat && THROUGH_RELAYS.reachMs)
    this.front = front
    this.#host = init.host
    this.#port = init.port ?? 0
    this.#direct =
      init.behindNat && new DirectConnections({ node, clock: systemClock, random: systemRandom, logger: init.logger })
  }

  /** Where this machine reaches it, whatever others are told. */
  localAddresses(): string[] {
    return addressesOf(this.front).map(address => `${address}/p2p/${this.self}`)
  }

  /** Rejects with `port-in-use`. */
  override async start(): Promise<void> {
    await this.front.listen(this.#port, this.#host)
    try {
      await super.start()
      // whoever can listen takes no calls through relays: the transport would listen wherever a stranger says
      if (this.#direct === undefined) await this.node.unhandle(RELAY_V2_STOP_CODEC)
    } catch (error) {
      await this.front.close()
      throw error
    }
  }

  override async stop(): Promise<void> {
    this.#direct?.stop()
    await super.stop()
    await this.front.close()
  }
}

/** Undefined, with a word of how to get it, where the optional library for it is not installed. */
async function webRtcOf(stun: readonly string[], logger: Logger) {
  try {
    const { webRtcTransport } = await import('../network/web-rtc-transport.ts')
    return webRtcTransport({ rtcConfiguration: { iceServers: stun.map(server => ({ urls: `stun:${server}` })) } })
  } catch (error) {
    // whoever names a STUN server counts on it
    logger[stun.length > 0 ? 'warn' : 'info']('behind NAT through relays only; `npm install @libp2p/webrtc` for more', {
      error: String(error),
    })
    return undefined
  }
}

const tcpAddress = (host: string, port: number) => `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`
