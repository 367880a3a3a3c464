/** The relay transport of libp2p, made to come back to a relay that was away. */

import { type CircuitRelayTransportComponents, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { Transport } from '@libp2p/interface'

/** What is replaced in the transport, which is pinned to an exact version; a missing member fails at once. */
interface Seams {
  reservationStore: { relayFilter: { has(bytes: Uint8Array): boolean; add(bytes: Uint8Array): void } }
}

/**
 * libp2p never again asks a relay for a place that could not be dialled once: a peer that is restarted would stay
 * without its tabs. Here every connected relay may be asked.
 */
export function relayTransport(): (components: CircuitRelayTransportComponents) => Transport {
  return components => {
    const transport = circuitRelayTransport()(components)
    const { reservationStore } = transport as Transport & Partial<Seams>
    if (reservationStore?.relayFilter === undefined) throw new Error('@libp2p/circuit-relay-v2 changed')
    reservationStore.relayFilter = { has: () => false, add: () => {} }
    return transport
  }
}
