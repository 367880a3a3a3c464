/** What each peer may cost another one: so much a second, and a burst it saves up. Bounded, whoever comes. */
import { type PeerId, putLatest } from '@amp-mesh/protocol'

export interface AllowanceInit {
  perSecond: number
  burst: number
  /** Peers remembered; the longest unheard go, and start with a full burst again. */
  peers: number
}

export class Allowance {
  readonly #init: AllowanceInit
  readonly #left = new Map<PeerId, { amount: number; at: number }>()

  constructor(init: AllowanceInit) {
    this.#init = init
  }

  /** Takes `amount` of what the peer has left, all or nothing. `now`: ms. */
  take(peer: PeerId, amount: number, now: number): boolean {
    const { perSecond, burst, peers } = this.#init
    const known = this.#left.get(peer) ?? { amount: burst, at: now }
    const left = Math.min(burst, known.amount + ((now - known.at) / 1_000) * perSecond)
    putLatest(this.#left, peer, { amount: left < amount ? left : left - amount, at: now }, peers)
    return left >= amount
  }
}
