/** What a session was sent last, in order and bounded, so that it can be sent again after a cut. */

export interface Sent {
  readonly id: string
  readonly bytes: Uint8Array
}

export interface SentRingInit {
  messages: number
  bytes: number
}

export class SentRing {
  readonly #most: SentRingInit
  #kept: Sent[] = []
  #bytes = 0
  #dropped = false

  constructor(most: SentRingInit) {
    this.#most = most
  }

  /** The oldest go. */
  push(sent: Sent): void {
    this.#kept.push(sent)
    this.#bytes += sent.bytes.length
    let gone = 0
    while (this.#kept.length - gone > this.#most.messages || this.#bytes > this.#most.bytes)
      this.#bytes -= this.#kept[gone++]?.bytes.length ?? 0
    if (gone === 0) return
    this.#kept = this.#kept.slice(gone)
    this.#dropped = true
  }

  /** All behind the message of this id; without one, all that was ever sent. Undefined when some of it is gone. */
  after(id: string | undefined): readonly Sent[] | undefined {
    if (id === undefined) return this.#dropped ? undefined : [...this.#kept]
    const at = this.#kept.findLastIndex(sent => sent.id === id)
    return at < 0 ? undefined : this.#kept.slice(at + 1)
  }
}
