/** The relay transport of libp2p, made to come back to a relay that was away, and to search without spinning. */
import { type CircuitRelayTransportComponents, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { PeerInfo, Transport } from '@libp2p/interface'
import { standingIn } from '../network/standing-in.ts'

/** What is replaced in the transport, which is pinned to an exact version; a missing member fails at once. */
interface Seams {
  reservationStore: { relayFilter: { has(bytes: Uint8Array): boolean; add(bytes: Uint8Array): void } }
}

/**
 * libp2p never again asks a relay for a place that could not be dialled once: a peer that is restarted would stay
 * without its tabs. Here every connected relay may be asked. And while relays are lacking libp2p walks the DHT, which
 * in a tab that knows nobody yet is an endless loop without a pause: here the keeper alone finds neighbours, and each
 * of them that is a relay is asked.
 */
export function relayTransport(): (components: CircuitRelayTransportComponents) => Transport {
  return components => {
    const transport = circuitRelayTransport()(withoutWalks(components))
    const { reservationStore } = transport as Transport & Partial<Seams>
    if (reservationStore?.relayFilter === undefined) throw new Error('@libp2p/circuit-relay-v2 changed')
    reservationStore.relayFilter = { has: () => false, add: () => {} }
    return transport
  }
}

const withoutWalks = (components: CircuitRelayTransportComponents): CircuitRelayTransportComponents =>
  standingIn(components, { randomWalk: { walk: noPeers } })

async function* noPeers(): AsyncGenerator<PeerInfo> {}
