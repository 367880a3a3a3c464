/** Ways to the peers closest to a key. What one walk learnt serves all keys of the area it resolved. */
import { type Clock, DISCOVERY_LIMITS, type PeerId, TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import { ClosestWalk } from './closest-walk.ts'
import { closestOf, compareDistance, type Place, placeOfKey, rememberingPlaces, sharedBits } from './place.ts'

export interface RoutesInit {
  self: PeerId
  /** Whether walks can end here, so that we are one of the closest ourselves. */
  isRouted: boolean
  clock: Clock
  near(key: Uint8Array, count: number): PeerId[]
  nearer(peer: PeerId, key: Uint8Array, signal: AbortSignal): Promise<PeerId[]>
  /** Where a peer lies, where somebody knows it. */
  placeOf?(peer: PeerId): Place
}

export interface Route {
  /** Closest first, ourselves among them where we are. */
  readonly peers: readonly PeerId[]
  /** Requests that this walk took, each answered or not; 0 when an earlier walk had resolved the area. */
  readonly steps: number
}

/** All peers whose places share `bits` bits with `centre`, and some beyond. */
interface Area {
  readonly centre: Place
  readonly bits: number
  readonly peers: readonly (readonly [PeerId, Place])[]
  readonly until: number
}

const { areas: AREAS, areaLifeMs, walkWidth, closest: CLOSEST, patienceMs } = DISCOVERY_LIMITS
/** A walk that found fewer than it could name was in a small mesh, or at the beginning: soon there are more, ms. */
const EARLY_MS = 2_000
/** Peers whose places are remembered: a routing table's, and those that the last walks met; 300 kB. */
const PLACES = 2_048

export class Routes {
  readonly #init: RoutesInit
  readonly #placeOf: (peer: PeerId) => Place
  readonly #ownPlace: Place
  /** Latest last. */
  #areas: Area[] = []

  constructor(init: RoutesInit) {
    this.#init = init
    this.#placeOf = init.placeOf ?? rememberingPlaces(PLACES)
    this.#ownPlace = this.#placeOf(init.self)
  }

  /** Resolves within the deadline of a query, with what is known then. Rejects only when the signal aborts. */
  async to(key: Uint8Array, signal: AbortSignal): Promise<Route> {
    const place = placeOfKey(key)
    const area = this.#areaOf(place)
    if (area !== undefined) return { peers: closestOf(place, area.peers, CLOSEST), steps: 0 }
    const { walk, steps } = await this.#walk(key, place, signal)
    signal.throwIfAborted()
    const { self, isRouted } = this.#init
    const { knownBits } = walk
    if (isRouted) walk.hear([self])
    const peers = walk.closest(CLOSEST)
    this.#learn(place, peers, walk.heard < CLOSEST ? 0 : knownBits)
    return { peers, steps }
  }

  /** Among those known without asking anybody: is this peer one of the `count` closest to the key? */
  isNear(key: Uint8Array, count: number): boolean {
    const { isRouted, near } = this.#init
    if (!isRouted) return false
    const last = near(key, count).at(count - 1)
    return last === undefined || compareDistance(placeOfKey(key), this.#ownPlace, this.#placeOf(last)) < 0
  }

  /**
   * The `count` closest to the key of those known without asking anybody, ourselves among them where we are. `also`:
   * peers that may not be in the routing table yet.
   */
  near(key: Uint8Array, count: number, also: Iterable<PeerId> = []): PeerId[] {
    const { self, isRouted, near } = this.#init
    const peers = new Set([...near(key, count), ...also])
    if (isRouted) peers.add(self)
    const places = [...peers].map(peer => [peer, this.#placeOf(peer)] as const)
    return closestOf(placeOfKey(key), places, count)
  }

  /** A peer that does not answer: ways that led to it are looked for anew. */
  forget(peer: PeerId): void {
    this.#areas = this.#areas.filter(({ peers }) => !peers.some(([known]) => known === peer))
  }

  #areaOf(place: Place): Area | undefined {
    const now = this.#init.clock.now()
    this.#areas = this.#areas.filter(({ until }) => until > now)
    return this.#areas.findLast(({ centre, bits }) => sharedBits(centre, place) >= bits)
  }

  /** All that share `bits` bits with the centre are among those found; 0: there are none but those. */
  #learn(centre: Place, found: readonly PeerId[], bits: number): void {
    const peers = found.map(peer => [peer, this.#placeOf(peer)] as const)
    // too few within it: the closest to another key of the area may lie outside
    if (bits > 0 && peers.filter(([, place]) => sharedBits(centre, place) >= bits).length < DISCOVERY_LIMITS.copies)
      return
    const until = this.#init.clock.now() + (bits === 0 ? EARLY_MS : areaLifeMs)
    this.#areas.push({ centre, bits, peers, until })
    if (this.#areas.length > AREAS) this.#areas.shift()
  }

  #walk(key: Uint8Array, place: Place, signal: AbortSignal): Promise<{ walk: ClosestWalk; steps: number }> {
    const { clock, near, nearer } = this.#init
    const walk = new ClosestWalk(place, DISCOVERY_LIMITS.copies, this.#placeOf)
    walk.hear(near(key, CLOSEST))
    const ended = new AbortController()
    const either = AbortSignal.any([signal, ended.signal])
    let steps = 0
    return new Promise(resolve => {
      const end = () => {
        if (ended.signal.aborted) return
        cancelDeadline()
        signal.removeEventListener('abort', end)
        ended.abort()
        resolve({ walk, steps })
      }
      const step = async (peer: PeerId) => {
        const cancelPatience = clock.after(patienceMs, () => {
          if (!ended.signal.aborted) walk.silent(peer)
          goOn()
        })
        const closer = await nearer(peer, key, either).catch(() => undefined)
        cancelPatience()
        if (ended.signal.aborted) return
        if (closer === undefined) walk.silent(peer)
        else walk.answered(peer, closer)
        goOn()
      }
      const goOn = () => {
        if (ended.signal.aborted) return
        for (const peer of walk.next(walkWidth)) {
          steps += 1
          void step(peer)
        }
        if (walk.isOver) end()
      }
      const cancelDeadline = clock.after(TRANSPORT_LIMITS.queryMs, end)
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
      goOn()
    })
  }
}
