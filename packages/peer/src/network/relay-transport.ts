/**
 * How a peer that can't listen is reached: the relay transport of libp2p, made to come back to a relay that was away,
 * and to search without spinning.
 */
import { type CircuitRelayTransportComponents, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { PeerInfo, Transport } from '@libp2p/interface'
import { standingIn } from './standing-in.ts'

/** What to listen on for places at two relays: when one dies, the other is there. */
export const PLACES_AT_RELAYS = ['/p2p-circuit', '/p2p-circuit'] as const
/** Of a peer that is reached through relays, ms: a WebRTC handshake takes several rounds through one. */
export const THROUGH_RELAYS = {
  dialMs: 8_000,
  upgradeMs: 8_000,
  /** To reach a peer: directly, and if that fails through a relay. */
  reachMs: 12_000,
} as const

/** A card has room for a few: each relay's two ways come together, the direct one (WebRTC) first. */
export function waysThroughRelays(addresses: readonly string[]): string[] {
  const direct = addresses.filter(address => address.includes('/webrtc/'))
  const relayed = addresses.filter(address => !address.includes('/webrtc/'))
  return relayed.flatMap((address, i) => [...direct.slice(i, i + 1), address])
}

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
