/**
 * The settings of a libp2p node of this mesh: every option that matters, with its measured reason (LIBP2P.md §2-§5).
 */
import { type Clock, TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type {
  Connection,
  ConnectionEncrypter,
  Libp2p,
  PeerId as Libp2pPeerId,
  PrivateKey,
  StreamMuxerFactory,
} from '@libp2p/interface'
import { type KadDHT, type KadDHTComponents, kadDHT, passthroughMapper, type QueryEvent } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { cachedAddresses } from './address-cache.ts'
import { connectionGate } from './connection-gate.ts'
import { gossipSettings } from './gossip-settings.ts'
import { rationLookups } from './lookup-ration.ts'
import { standingIn } from './standing-in.ts'

export interface NodeInit {
  /** Label of the mesh: what stands in protocol ids. */
  mesh: string
  /** The identity's key: its 32 secret bytes, or a key that signs without showing them. */
  seed: Uint8Array | PrivateKey
  /** libp2p transport factories: hardened WebSockets first. */
  transports: NonNullable<Libp2pOptions['transports']>
  /** Multiaddrs to listen on, and others to tell in their place. */
  listen: readonly string[]
  announce?: readonly string[]
  /** Which of the own addresses others are told (default: all). */
  announced?: (address: string) => boolean
  /** Topics of the mesh; gossip on others is refused. */
  topics: readonly string[]
  clock: Clock
  /** Addresses of this host: many peers behind them are no attack. */
  ownIps?: readonly string[]
  /** Browsers ask the DHT but do not serve it. */
  dhtClient?: boolean
  /** More libp2p services, by any name. */
  services?: Readonly<Record<string, (components: never) => unknown>>
  discovery?: readonly NonNullable<Libp2pOptions['peerDiscovery']>[number][]
  limits?: Partial<NodeLimits>
  /** Noise, and what is made of the muxer, where libp2p's own can be faster. */
  noise?: ReturnType<typeof noise>
  muxer?: (yamux: StreamMuxerFactory) => StreamMuxerFactory
  /** Stands between noise and everything else: the door of a closed mesh. */
  door?: ((noise: ConnectionEncrypter) => ConnectionEncrypter) | undefined
}

/** What a deployment may raise knowingly: many peers behind one address, a relay. */
export interface NodeLimits {
  connections: number
  socketsPerIp: number
  pendingConnections: number
  /** To connect at one address, and for a newcomer to shake hands, ms. */
  dialMs: number
  upgradeMs: number
}

/** kad-dht with the parts of its class that the published interface leaves out. */
export type Dht = KadDHT & {
  readonly routingTable: {
    remove(peer: Libp2pPeerId): Promise<void>
    closestPeers(place: Uint8Array, options: { count: number }): Libp2pPeerId[]
  }
  readonly network: {
    /** One request and its answer; ends by the signal, or when the peer is slower than it used to be. */
    sendRequest(
      to: Libp2pPeerId,
      request: { type: 'FIND_NODE'; key: Uint8Array },
      options: { signal: AbortSignal; path: { index: number; queued: number; running: number; total: number } },
    ): AsyncIterable<QueryEvent>
  }
}
export type Node = Libp2p<{ dht: Dht; gossip: GossipSub }>

/** A peer dials at most this many of another's addresses: one slow one must not eat the whole budget (#3412). */
export const ADDRESSES_PER_PEER = 8
const PEER_STORE_MS = 30 * 60_000

/** Makes the node, not started. */
export async function createNode(init: NodeInit): Promise<Node> {
  const limits: NodeLimits = { ...TRANSPORT_LIMITS, ...init.limits }
  const open: { connections: () => readonly Connection[] } = { connections: () => [] }
  const share = { ...TRANSPORT_LIMITS, connections: limits.connections }
  const { announced, door = secured => secured, noise: noises = noise(), muxer = yamux => yamux } = init
  const yamuxes = yamux({
    maxInboundStreams: 64,
    maxOutboundStreams: 256,
    streamOptions: {
      maxStreamWindowSize: TRANSPORT_LIMITS.yamuxWindow,
      maxWriteBufferLength: TRANSPORT_LIMITS.yamuxWriteBuffer,
    },
  })
  const node = await createLibp2p({
    start: false,
    privateKey: init.seed instanceof Uint8Array ? await generateKeyPairFromSeed('Ed25519', init.seed) : init.seed,
    addresses: {
      listen: [...init.listen],
      ...(init.announce ? { announce: [...init.announce] } : {}),
      ...(announced && { announceFilter: all => all.filter(each => announced(each.toString())) }),
    },
    transports: init.transports,
    connectionEncrypters: [components => door(noises(components))],
    streamMuxers: [() => muxer(yamuxes())],
    connectionGater: connectionGate(share, () => open.connections()),
    connectionManager: {
      maxConnections: limits.connections,
      maxIncomingPendingConnections: limits.pendingConnections,
      inboundConnectionThreshold: 2 * limits.socketsPerIp,
      inboundUpgradeTimeout: limits.upgradeMs,
      dialTimeout: limits.dialMs,
      addressDialTimeout: limits.dialMs,
      maxPeerAddrsToDial: ADDRESSES_PER_PEER,
      reconnectRetries: 0, // F3: the keeper redials
    },
    connectionMonitor: { enabled: false }, // links ping theirs: this one opens a stream to each every 10 s
    peerStore: { maxAddressAge: PEER_STORE_MS, maxPeerAge: PEER_STORE_MS },
    ...(init.discovery ? { peerDiscovery: [...init.discovery] } : {}),
    services: {
      ...init.services,
      identify: identify(),
      ping: ping({
        maxInboundStreams: TRANSPORT_LIMITS.streams.ping,
        maxOutboundStreams: TRANSPORT_LIMITS.streams.ping,
      }),
      dht: dhtService(init),
      gossip: gossipsub(gossipSettings(init.topics, init.ownIps ?? [])),
    },
  })
  open.connections = () => node.getConnections()
  return node
}

function dhtService(init: NodeInit): (components: KadDHTComponents) => Dht {
  const service = kadDHT({
    protocol: `/amp-mesh/${init.mesh}/kad/1.0.0`,
    clientMode: init.dhtClient ?? false,
    peerInfoMapper: passthroughMapper, // the default drops loopback and private addresses: nobody would be found
    alpha: 3,
    disjointPaths: 1, // with the default of 10 the first `provide` took 12.5 s
    kBucketSize: 20,
    allowQueryWithZeroPeers: true,
    querySelfInterval: 30_000,
    maxInboundStreams: TRANSPORT_LIMITS.streams.kadIn,
    maxOutboundStreams: TRANSPORT_LIMITS.streams.kadOut,
  })
  return components => {
    const dht = service(standingIn(components, { peerStore: cachedAddresses(components.peerStore, init.clock) })) as Dht
    rationLookups(dht, components, init.clock)
    return dht
  }
}
