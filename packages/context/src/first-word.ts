/** When a replica may say its first word: not before it knows what others hold of its own log, or it would fork it. */
import type { Clock } from '@amp-mesh/protocol'
import type { OwnLog } from './own-log.ts'
import type { Conversation } from './sync/conversation.ts'
import type { Timers } from './timers.ts'

/** A replica with neighbours waits this long for what they hold of its own log (a copied folder, a lost one), ms. */
const ADOPT_MS = 1_000
/** The same when our own log lost its end: who holds more of it must be heard, or two words take one place. */
const DOUBT_MS = 10_000

export interface FirstWordInit {
  own: OwnLog
  conversation: Conversation
  clock: Clock
  timers: Timers
  /** Called when it is time to ask again. */
  wake(): void
}

export class FirstWord {
  readonly #init: FirstWordInit
  #isFree = false
  /** When it is written at the latest. */
  #until: number | undefined

  constructor(init: FirstWordInit) {
    this.#init = init
  }

  /** True from the first time on that it may be written. */
  isFree(): boolean {
    if (this.#isFree) return true
    const { own, conversation, clock, timers, wake } = this.#init
    const now = clock.now()
    this.#until ??= now + (own.lostSomething ? DOUBT_MS : ADOPT_MS)
    this.#isFree = conversation.isUpToDate(own.ids, own.lostSomething) || now >= this.#until
    if (!this.#isFree && !timers.has('first-word')) timers.after('first-word', this.#until - now, wake)
    return this.#isFree
  }

  /** Waits no longer. */
  free(): void {
    this.#isFree = true
  }
}
