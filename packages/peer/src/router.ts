/** The router: is a message allowed, within rate, fresh and new? Then its one handler gets it. */
import {
  AmpError,
  type Clock,
  DELIVERY_LIMITS,
  type Message,
  type MessageType,
  PEER_LIMITS,
  type PeerId,
  sleep,
} from '@amp-mesh/protocol'
import { Rate } from './rate.ts'

export type Handlers = {
  [T in MessageType]?: (message: Message<T>, from: PeerId, bytes: number) => Promise<void> | void
}

export class Router {
  readonly #clock: Clock
  #handlers: Handlers
  readonly #rates = new Map<PeerId, Record<keyof typeof RATES, Rate>>()
  /** Ids of relayed messages already handled, oldest first. */
  readonly #seen = new Set<string>()

  constructor(clock: Clock, handlers: Handlers) {
    this.#clock = clock
    this.#handlers = handlers
  }

  /** These types have a way in from now on. */
  take(handlers: Handlers): void {
    this.#handlers = { ...this.#handlers, ...handlers }
  }

  /**
   * Above the rate it waits, and its stream is not read meanwhile. Throws `unknown-type` for types with no way in here.
   */
  async route(message: Message, from: PeerId, bytes: number): Promise<void> {
    const waitMs = this.#take(from, PACED.has(message.type) ? 'paced' : 'free')
    if (waitMs > 0) await sleep(this.#clock, waitMs)
    const handler = this.#handlers[message.type] as
      | ((m: Message, f: PeerId, b: number) => Promise<void> | void)
      | undefined
    if (handler === undefined) throw new AmpError('unknown-type', 'not a message for a stream', message.type)
    await handler(message, from, bytes)
  }

  /** True for a relayed message that is fresh by its time and was not remembered: it comes by several ways. */
  isNews(id: string, time: number): boolean {
    return Math.abs(this.#clock.now() - time) <= PEER_LIMITS.freshMs && !this.#seen.has(id)
  }

  /** To be called once a message proved sound: an id that anybody could spoil would silence the real one. */
  remember(id: string): void {
    this.#seen.add(id)
    if (this.#seen.size > PEER_LIMITS.seenMessages) this.#seen.delete(this.#seen.values().next().value as string)
  }

  forget(peer: PeerId): void {
    this.#rates.delete(peer)
  }

  /** How long the sender has to wait before this message counts, ms. */
  #take(peer: PeerId, kind: keyof typeof RATES): number {
    const now = this.#clock.now()
    const rates = this.#rates.get(peer) ?? { paced: new Rate(RATES.paced, now), free: new Rate(RATES.free, now) }
    this.#rates.set(peer, rates)
    return rates[kind].take(now)
  }
}

/** What windows and credit hold back already: at most some hundred of these are on their way. */
const PACED: ReadonlySet<MessageType> = new Set(['letters', 'receipts', 'request', 'reply'])
const RATES = {
  free: { perSecond: PEER_LIMITS.messagesPerSecond, burst: PEER_LIMITS.messageBurst },
  paced: { perSecond: DELIVERY_LIMITS.messagesPerSecond, burst: DELIVERY_LIMITS.messagesPerSecond },
}
