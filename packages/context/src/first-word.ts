/** When a replica may first speak: its own log may have grown elsewhere, and to write without that would be a fork. */
import type { Clock, LogId } from '@amp-mesh/protocol'
import type { Conversation } from './conversation.ts'
import type { Timers } from './timers.ts'

export interface FirstWordInit {
  conversation: Conversation
  /** Our own logs, of all epochs. */
  own: readonly LogId[]
  clock: Clock
  timers: Timers
  /** Called when it is time to ask again. */
  wake(): void
}

/** A replica with neighbours waits this long for what they hold of its own log, ms. */
const ADOPT_MS = 1_000

export class FirstWord {
  readonly #init: FirstWordInit
  /** When it is written at the latest; -1 once it may be. */
  #until: number | undefined

  constructor(init: FirstWordInit) {
    this.#init = init
  }

  /** Waits no longer. */
  release(): void {
    this.#until = -1
  }

  isDue(): boolean {
    if (this.#until === -1) return true
    const { conversation, own, clock, timers, wake } = this.#init
    const now = clock.now()
    this.#until ??= now + ADOPT_MS
    if (conversation.isUpToDate(own) || now >= this.#until) {
      this.#until = -1
      return true
    }
    if (!timers.has('adopt')) timers.after('adopt', this.#until - now, wake)
    return false
  }
}
