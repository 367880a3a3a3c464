/** Places in the key space of the DHT, as kad-dht has them: where a key lies, where a peer lies, and what is closer. */
import { type PeerId, peerIdBytes, putLatest, sha256 } from '@amp-mesh/protocol'

/** 32 bytes. The distance of two places is their XOR, read as a number. */
export type Place = Uint8Array

/** Where a key of 32 bytes lies: kad-dht hashes whatever it is given. */
export const placeOfKey = (key: Uint8Array): Place => sha256(key)

export const placeOfPeer = (peer: PeerId): Place => sha256(peerIdBytes(peer))

/** The same; of up to `bound` peers the place is remembered. */
export function rememberingPlaces(bound: number): (peer: PeerId) => Place {
  const places = new Map<PeerId, Place>()
  return peer => {
    const known = places.get(peer)
    if (known !== undefined) return known
    const place = placeOfPeer(peer)
    putLatest(places, peer, place, bound)
    return place
  }
}

/** Below 0 when `a` is closer to `target` than `b`, above 0 when `b` is. */
export function compareDistance(target: Place, a: Place, b: Place): number {
  for (let i = 0; i < target.length; i++) {
    const difference = ((a[i] ?? 0) ^ (target[i] ?? 0)) - ((b[i] ?? 0) ^ (target[i] ?? 0))
    if (difference !== 0) return difference
  }
  return 0
}

/** How many bits two places have in common before the first that differs, 0..256. */
export function sharedBits(a: Place, b: Place): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0)
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24
  }
  return 8 * a.length
}

/** The `count` closest to `target` of those whose places are given, closest first. */
export function closestOf(target: Place, peers: Iterable<readonly [PeerId, Place]>, count: number): PeerId[] {
  return [...peers]
    .sort((a, b) => compareDistance(target, a[1], b[1]))
    .slice(0, count)
    .map(([peer]) => peer)
}
