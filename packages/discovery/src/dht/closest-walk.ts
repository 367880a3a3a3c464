/** The walk to the peers closest to a key: who was heard of, who answered, and when it is over. Pure. */
import type { PeerId } from '@amp-mesh/protocol'
import { DISCOVERY_LIMITS } from '@amp-mesh/protocol'
import { compareDistance, type Place, placeOfPeer, sharedBits } from './place.ts'

interface Step {
  readonly peer: PeerId
  readonly place: Place
  state: 'heard' | 'asked' | 'answered' | 'silent'
  /** Once it answered: of those that share so many bits with the target it named all that it knows. */
  bits: number
}

/** Peers in a full answer: whoever asks is not named to himself. */
const FULL = DISCOVERY_LIMITS.closest - 1
/** As many bits as a place has. */
const NOTHING_KNOWN = 256

/**
 * Over as soon as the `answers` closest peers that are not silent have answered: whoever they know that is closer has
 * been heard of then. Kademlia asks all of the k closest; three holders need no more than this.
 */
export class ClosestWalk {
  readonly #target: Place
  readonly #answers: number
  readonly #placeOf: (peer: PeerId) => Place
  readonly #known = new Map<PeerId, Step>()
  /** Closest first. */
  readonly #steps: Step[] = []

  constructor(target: Place, answers: number, placeOf: (peer: PeerId) => Place = placeOfPeer) {
    this.#target = target
    this.#answers = answers
    this.#placeOf = placeOf
  }

  hear(peers: Iterable<PeerId>): void {
    for (const peer of peers) {
      if (this.#known.has(peer)) continue
      const step: Step = { peer, place: this.#placeOf(peer), state: 'heard', bits: 0 }
      this.#known.set(peer, step)
      let at = this.#steps.length
      while (at > 0 && compareDistance(this.#target, step.place, (this.#steps[at - 1] as Step).place) < 0) at--
      this.#steps.splice(at, 0, step)
    }
  }

  /** Whom to ask now, so that `width` are being asked; closest first. They count as asked. */
  next(width: number): PeerId[] {
    if (this.isOver) return []
    const asked = this.#steps.filter(({ state }) => state === 'asked').length
    const next = this.#steps.filter(({ state }) => state === 'heard').slice(0, Math.max(0, width - asked))
    for (const step of next) step.state = 'asked'
    return next.map(({ peer }) => peer)
  }

  answered(peer: PeerId, closer: readonly PeerId[]): void {
    const step = this.#set(peer, 'answered')
    this.hear(closer)
    // an answer of fewer than fit names all
    const furthest = closer.length < FULL ? -1 : Math.min(...closer.map(other => this.#bitsOf(other)))
    step.bits = furthest + 1
  }

  /** It did not answer, or not in time; a late answer still counts. */
  silent(peer: PeerId): void {
    this.#set(peer, 'silent')
  }

  get isOver(): boolean {
    let answers = 0
    for (const { state } of this.#steps) {
      if (state === 'silent') continue
      if (state !== 'answered') return false
      answers += 1
      if (answers === this.#answers) return true
    }
    return true
  }

  /** How many peers were heard of, silent ones too. */
  get heard(): number {
    return this.#steps.length
  }

  /** The `count` closest that are not known to be silent, closest first; those that answered are surely there. */
  closest(count: number): PeerId[] {
    return this.#steps
      .filter(({ state }) => state !== 'silent')
      .slice(0, count)
      .map(({ peer }) => peer)
  }

  /**
   * Whoever shares so many bits with the target was heard of, if the closest know their neighbours; 256 while the walk
   * is not over. Further away are peers that the closest had no room to name.
   */
  get knownBits(): number {
    if (!this.isOver) return NOTHING_KNOWN
    const closest = this.#steps.filter(({ state }) => state === 'answered').slice(0, this.#answers)
    return closest.length === 0 ? NOTHING_KNOWN : Math.max(...closest.map(({ bits }) => bits))
  }

  #bitsOf(peer: PeerId): number {
    return sharedBits(this.#target, this.#known.get(peer)?.place ?? this.#placeOf(peer))
  }

  #set(peer: PeerId, state: Step['state']): Step {
    this.hear([peer])
    const step = this.#known.get(peer) as Step
    step.state = state
    return step
  }
}
