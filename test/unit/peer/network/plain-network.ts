/** libp2p as its documentation sets it up: what the hardened network is compared with. */
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { type KadDHT, type KadDHTComponents, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2pOptions } from 'libp2p'

/** A started node on loopback. */
export const plainNode = (options: Pick<Libp2pOptions, 'connectionManager' | 'addresses'> = {}) =>
  createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping(), gossip: gossipsub({ allowPublishToZeroTopicPeers: true }) },
    ...options,
  })

export const PLAIN_KAD = '/plain/kad/1.0.0'

/** A started node that takes part in routing. The default mapper would drop loopback addresses, and everybody. */
export const plainRouter = () =>
  createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({ protocol: PLAIN_KAD, clientMode: false, peerInfoMapper: passthroughMapper }) as (
        components: KadDHTComponents,
      ) => KadDHT & { readonly routingTable: { readonly size: number } },
    },
  })

export type PlainNode = Awaited<ReturnType<typeof plainNode>>
