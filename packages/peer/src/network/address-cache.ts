/**
 * What the routing tells of others, looked up once in a while: the address book takes a lock and decodes all it knows
 * of a peer at each look, and an answer names twenty. That was half of the work of a peer that is asked by a crowd.
 */
import { type Clock, putLatest } from '@amp-mesh/protocol'
import type { PeerId, PeerInfo, PeerStore } from '@libp2p/interface'
import { standingIn } from './standing-in.ts'

/** New addresses are told this late at most, ms. */
const FRESH_MS = 5_000
/** Of those in a routing table the closest are told, by and by nearly all. */
const PEERS = 1_024

/** The address book, with `getInfo` answered from memory; whom it does not know is asked for again. */
export function cachedAddresses(peerStore: PeerStore, clock: Clock): PeerStore {
  const known = new Map<string, { info: Promise<PeerInfo>; until: number }>()
  const getInfo = (peer: PeerId): Promise<PeerInfo> => {
    const now = clock.now()
    const id = peer.toString()
    const held = known.get(id)
    if (held !== undefined && held.until > now) return held.info
    const info = peerStore.getInfo(peer) // for all who ask meanwhile: no one's signal ends it
    putLatest(known, id, { info, until: now + FRESH_MS }, PEERS)
    info.catch(() => known.delete(id))
    return info
  }
  return standingIn(peerStore, { getInfo })
}
