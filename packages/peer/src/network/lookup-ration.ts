/**
 * How many questions to the routing are answered: each costs a search of the table and twenty looks at the address
 * book, and libp2p answers whoever asks as often as it asks. What is not answered fails at once for who asked.
 */
import { type Clock, TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import type { PeerId } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'
import { networkOf } from './connection-gate.ts'

/** What is replaced in kad-dht, which is pinned to an exact version; a missing member fails at once. */
interface Seams {
  rpc: { handleMessage(from: PeerId, message: { type: string }): Promise<unknown> }
}

const WINDOW_MS = 1_000

/**
 * Makes kad-dht answer within the ration; what it refuses ends the stream it came on. It also keeps values and names
 * providers for whoever asks, which nobody in a mesh does.
 */
export function rationLookups(
  dht: KadDHT & Partial<Seams>,
  { connectionManager }: KadDHTComponents,
  clock: Clock,
): void {
  const { rpc } = dht
  if (rpc?.handleMessage === undefined) throw new Error('@libp2p/kad-dht changed')
  const ration = new LookupRation()
  const answer = rpc.handleMessage.bind(rpc)
  rpc.handleMessage = async (from, message) => {
    if (message.type === 'PING') return answer(from, message)
    const [connection] = connectionManager.getConnections(from)
    const isDue = connection !== undefined && ration.take(networkOf(connection.remoteAddr), clock.now())
    if (message.type !== 'FIND_NODE' || !isDue) throw new Error(`no ${message.type} is answered now`)
    return answer(from, message)
  }
}

/**
 * So many a second for everybody, shared evenly among the networks that asked lately, and half of it at most for one:
 * a crowd of one network takes none from others.
 */
export class LookupRation {
  #start = Number.NEGATIVE_INFINITY
  #asked = new Map<string, number>()
  #askedBefore = new Map<string, number>()
  #answered = 0

  /** Whether a question from this network is answered now, ms. */
  take(network: string, now: number): boolean {
    if (now >= this.#start + WINDOW_MS) {
      this.#askedBefore = now < this.#start + 2 * WINDOW_MS ? this.#asked : new Map()
      this.#asked = new Map()
      this.#answered = 0
      this.#start = now
    }
    const { lookupsPerSecond } = TRANSPORT_LIMITS
    const asked = this.#asked.get(network) ?? 0
    const networks = new Set([...this.#asked.keys(), ...this.#askedBefore.keys(), network]).size
    if (this.#answered >= lookupsPerSecond || asked >= lookupsPerSecond / Math.max(2, networks)) return false
    this.#asked.set(network, asked + 1)
    this.#answered += 1
    return true
  }
}
