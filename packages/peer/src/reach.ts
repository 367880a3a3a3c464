/** Reaching peers: those linked already, and those that get linked within a moment because somebody wants them. */
import type { PeerId } from '@amp-mesh/protocol'

export interface ReachInit {
  self: PeerId
  isLinked(peer: PeerId): boolean
  /** Has the peer dialled and held. */
  want(peer: PeerId): void
}

export class Reach {
  readonly #init: ReachInit
  readonly #waiting = new Map<PeerId, Set<() => void>>()

  constructor(init: ReachInit) {
    this.#init = init
  }

  /**
   * Those of the peers that are linked when the signal aborts, or as soon as all of them are. Each once, never
   * ourselves.
   */
  async all(peers: readonly PeerId[], signal: AbortSignal): Promise<PeerId[]> {
    const others = [...new Set(peers)].filter(peer => peer !== this.#init.self)
    const linked = await Promise.all(others.map(peer => this.#linkedSoon(peer, signal)))
    return others.filter((_, i) => linked[i])
  }

  /** To be called when a peer is linked. */
  arrived(peer: PeerId): void {
    for (const end of this.#waiting.get(peer) ?? []) end()
  }

  #linkedSoon(peer: PeerId, signal: AbortSignal): Promise<boolean> {
    if (this.#init.isLinked(peer)) return Promise.resolve(true)
    if (signal.aborted) return Promise.resolve(false)
    this.#init.want(peer)
    return new Promise(resolve => {
      const waiting = this.#waiting.get(peer) ?? new Set()
      this.#waiting.set(peer, waiting)
      const end = () => {
        waiting.delete(end)
        if (waiting.size === 0) this.#waiting.delete(peer)
        signal.removeEventListener('abort', end)
        resolve(this.#init.isLinked(peer))
      }
      waiting.add(end)
      signal.addEventListener('abort', end, { once: true })
    })
  }
}
