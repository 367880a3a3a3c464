/**
 * From relayed to direct: who can't listen meets others through a relay, and leaves it as soon as there is another way:
 * WebRTC, or a call to one that listens. A try that fails is repeated with back-off, since networks change.
 */
import {
  asError,
  type Cancel,
  type Clock,
  type Logger,
  type PeerId,
  type Random,
  TRANSPORT_LIMITS,
} from '@amp-mesh/protocol'
import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { backoff } from './keeper.ts'
import type { Node } from './libp2p-node.ts'

export interface DirectConnectionsInit {
  node: Node
  clock: Clock
  random: Random
  logger: Logger
}

/** Tries with one peer, in a row; then the relay has to do until the peer comes anew. */
const TRIES = 8
/** Whoever was called through a relay leaves it to the caller to come directly for so long, ms. */
const PATIENCE_MS = 2_000
/** An address that only leads through a relay. */
const RELAYED = /\/p2p-circuit(\/p2p\/[^/]+)?$/

export class DirectConnections {
  readonly #init: DirectConnectionsInit
  readonly #waiting = new Map<PeerId, Cancel>()
  readonly #stopped = new AbortController()

  constructor(init: DirectConnectionsInit) {
    this.#init = init
    const { node } = init
    const { signal } = this.#stopped
    node.addEventListener('connection:open', event => this.#opened(event.detail), { signal })
    // once a peer has answered on a connection, that one carries
    node.addEventListener('peer:identify', event => this.#identified(event.detail.connection), { signal })
    node.addEventListener('peer:disconnect', event => this.#forget(event.detail.toString()), { signal })
  }

  stop(): void {
    this.#stopped.abort()
    for (const peer of [...this.#waiting.keys()]) this.#forget(peer)
  }

  /**
   * The caller dials on at once: that joins the dial which made the relayed connection on its way to a direct one, and
   * keeps it going when whoever wanted it is content with the relay.
   */
  #opened(connection: Connection): void {
    const peer = connection.remotePeer.toString()
    if (connection.direct || this.#waiting.has(peer)) return
    this.#later(peer, 0, connection.direction === 'outbound' ? 0 : PATIENCE_MS)
  }

  #identified(connection: Connection): void {
    if (!connection.direct) return
    const peer = connection.remotePeer.toString()
    this.#forget(peer)
    for (const relayed of this.#connections(peer)) if (!relayed.direct) void this.#leave(relayed)
  }

  async #leave(relayed: Connection): Promise<void> {
    try {
      await relayed.close({ signal: AbortSignal.timeout(TRANSPORT_LIMITS.closeMs) })
    } catch (error) {
      relayed.abort(asError(error))
    }
  }

  #later(peer: PeerId, failures: number, wait: number): void {
    const again = this.#init.clock.after(wait, () => void this.#try(peer, failures))
    this.#waiting.set(peer, again)
  }

  async #try(peer: PeerId, failures: number): Promise<void> {
    const { node, random, logger } = this.#init
    try {
      const known = await node.peerStore.get(peerIdFromString(peer))
      const direct = known.addresses
        .map(({ multiaddr }) => toPeer(multiaddr, peer))
        .filter(each => !RELAYED.test(each.toString()))
      if (this.#connections(peer).some(connection => connection.direct) || direct.length === 0) return
      await node.dial(direct, { force: true, signal: this.#stopped.signal })
    } catch (error) {
      logger.debug('no direct connection yet', { peer, failures, error: String(error) })
      if (this.#waiting.has(peer) && failures + 1 < TRIES)
        this.#later(peer, failures + 1, PATIENCE_MS + backoff(failures, random.float(), true))
    }
  }

  #forget(peer: PeerId): void {
    this.#waiting.get(peer)?.()
    this.#waiting.delete(peer)
  }

  #connections(peer: PeerId): Connection[] {
    return this.#init.node.getConnections(peerIdFromString(peer)).filter(({ status }) => status === 'open')
  }
}

/** Of an address without its peer libp2p takes the last one named for that: a relay. */
const toPeer = (address: Multiaddr, peer: PeerId): Multiaddr => {
  const whole = `/p2p/${peer}`
  return address.toString().endsWith(whole) ? address : address.encapsulate(whole)
}
