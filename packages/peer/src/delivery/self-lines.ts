/** Lines that also lead to the peer itself, so that its agents reach each other the way they reach all others. */
import type { Cancel, Message, PeerId } from '@amp-mesh/protocol'
import type { Lines, LinkListener } from '../lines.ts'
import type { Handlers } from '../router.ts'

export class SelfLines implements Lines {
  readonly #self: PeerId
  readonly #lines: Lines
  #handlers: Handlers = {}

  constructor(self: PeerId, lines: Lines) {
    this.#self = self
    this.#lines = lines
  }

  linked(): PeerId[] {
    return [this.#self, ...this.#lines.linked()]
  }

  isLinked(peer: PeerId): boolean {
    return peer === this.#self || this.#lines.isLinked(peer)
  }

  post(peer: PeerId, message: Message): boolean {
    if (peer !== this.#self) return this.#lines.post(peer, message)
    const handler = this.#handlers[message.type] as
      | ((message: Message, from: PeerId, bytes: number) => void)
      | undefined
    queueMicrotask(() => handler?.(message, this.#self, 0))
    return true
  }

  want(peer: PeerId): void {
    if (peer !== this.#self) this.#lines.want(peer)
  }

  take(handlers: Handlers): void {
    this.#handlers = { ...this.#handlers, ...handlers }
    this.#lines.take(handlers)
  }

  onLink(listener: LinkListener): Cancel {
    return this.#lines.onLink(listener)
  }
}
