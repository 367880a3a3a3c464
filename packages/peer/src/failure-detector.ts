/** The simple failure detector: who is reachable, who is suspected. A pure table of what was heard when. */
import { PEER_LIMITS, type PeerId } from '@amp-mesh/protocol'

export type Reachability = 'reachable' | 'connecting' | 'suspected'

export interface SuspicionChange {
  peer: PeerId
  suspected: boolean
}

interface Watch {
  state: Reachability
  /** When the present state began. */
  since: number
  /** Pings sent since something was last heard. */
  missed: number
  pingedAt: number
  rttMs: number | undefined
}

/**
 * Rules: a connected peer is reachable until PEER_LIMITS.missedPings pings in a row went unanswered. A peer that
 * disconnected is being dialled again by the keeper; it is suspected when a dial fails, or after as long as three
 * pings. A suspicion is local and may be wrong: it decides when somebody writes, never what a view says.
 */
export class FailureDetector {
  readonly #watched = new Map<PeerId, Watch>()
  #changes: SuspicionChange[] = []

  connected(peer: PeerId, now: number): void {
    this.#set(peer, 'reachable', now)
  }

  disconnected(peer: PeerId, now: number): void {
    if (this.#watched.get(peer)?.state !== 'suspected') this.#set(peer, 'connecting', now)
  }

  /** We want to reach it and are not connected yet. */
  wanted(peer: PeerId, now: number): void {
    if (!this.#watched.has(peer)) this.#set(peer, 'connecting', now)
  }

  dialFailed(peer: PeerId, now: number): void {
    if (this.#watched.get(peer)?.state === 'connecting') this.#set(peer, 'suspected', now)
  }

  pinged(peer: PeerId, now: number): void {
    const watch = this.#watched.get(peer)
    if (watch === undefined) return
    watch.missed++
    watch.pingedAt = now
  }

  /** Anything that arrives from a peer is a sign of life; a pong also measures. */
  heard(peer: PeerId, now: number, pong = false): void {
    const watch = this.#watched.get(peer)
    if (watch === undefined || watch.state === 'connecting') return
    watch.missed = 0
    if (pong) watch.rttMs = now - watch.pingedAt
    if (watch.state === 'suspected') this.#set(peer, 'reachable', now)
  }

  /** Moves time on. */
  tick(now: number): void {
    const patience = PEER_LIMITS.pingMs * PEER_LIMITS.missedPings
    for (const [peer, watch] of this.#watched) {
      if (watch.state === 'reachable' && watch.missed >= PEER_LIMITS.missedPings) this.#set(peer, 'suspected', now)
      if (watch.state === 'connecting' && now - watch.since >= patience) this.#set(peer, 'suspected', now)
    }
  }

  /** Suspicions that began or ended since the last call, in order. */
  takeChanges(): SuspicionChange[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /** Peers whose connection carries nothing any more: PEER_LIMITS.deadPings in a row went unanswered. Told once. */
  takeDead(): PeerId[] {
    const dead = [...this.#watched].filter(([, watch]) => watch.missed >= PEER_LIMITS.deadPings)
    for (const [, watch] of dead) watch.missed = 0
    return dead.map(([peer]) => peer)
  }

  state(peer: PeerId): Reachability | undefined {
    return this.#watched.get(peer)?.state
  }

  rttMs(peer: PeerId): number | undefined {
    return this.#watched.get(peer)?.rttMs
  }

  #set(peer: PeerId, state: Reachability, now: number): void {
    const watch = this.#watched.get(peer)
    if (watch?.state === state) {
      if (state === 'reachable') watch.missed = 0
      return
    }
    if (state === 'suspected') this.#changes.push({ peer, suspected: true })
    else if (watch?.state === 'suspected') this.#changes.push({ peer, suspected: false })
    const missed = state === 'suspected' ? (watch?.missed ?? 0) : 0
    this.#watched.set(peer, { state, since: now, missed, pingedAt: now, rttMs: watch?.rttMs })
    if (this.#watched.size > PEER_LIMITS.watchedPeers) this.#forgetOne()
  }

  /** The peer that was suspected first: nobody has needed it since. */
  #forgetOne(): void {
    for (const [peer, { state }] of this.#watched)
      if (state === 'suspected') {
        this.#watched.delete(peer)
        return
      }
  }
}
