/** What a peer does for those who cannot listen: it holds a place for them, and carries what others send there. */
import { TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'

/**
 * Each relayed connection is limited, so that libp2p prefers a direct one as soon as there is one: gossip and DHT stay
 * off it, our own streams (see `Libp2pNetwork.open`) don't.
 */
export function relayService({ reservations }: { reservations: number }) {
  const { connectionBytes, connectionMs } = TRANSPORT_LIMITS.relay
  return circuitRelayServer({
    reservations: {
      maxReservations: reservations,
      applyDefaultLimit: true,
      defaultDataLimit: BigInt(connectionBytes),
      defaultDurationLimit: connectionMs,
    },
  })
}
