/** Where messages arrive: by stream or gossip, through the router, to the spaces; and what the sender is told. */
import type { ArtifactMessage, SyncMessage } from '@amp-mesh/context'
import {
  type Clock,
  decodeMessage,
  type Logger,
  type Message,
  type Metrics,
  type PeerId,
  WIRE_LIMITS,
  wireCodeOf,
} from '@amp-mesh/protocol'
import { type Handlers, Router } from './router.ts'
import type { Spaces } from './spaces.ts'

export interface ReceptionInit {
  clock: Clock
  logger: Logger
  metrics: Metrics
  spaces: Spaces
  post(peer: PeerId, message: Message): boolean
  onRefused(peer: PeerId, code: string): void
}

export class Reception {
  readonly #init: ReceptionInit
  readonly #router: Router
  #takesQuestions = true

  constructor(init: ReceptionInit) {
    this.#init = init
    const synced = (message: SyncMessage | ArtifactMessage, from: PeerId, bytes: number) =>
      init.spaces.receive(from, message, bytes)
    this.#router = new Router(init.clock, {
      broadcast: (message, from) => this.#invited(message, from),
      heads: synced,
      digests: synced,
      want: synced,
      segment: synced,
      proof: synced,
      checkpoint: synced,
      ops_want: synced,
      ops: synced,
      busy: synced,
      chunk_want: synced,
      chunk: synced,
      error: (message, from) => this.#told(message, from),
    })
  }

  /** A message of a linked peer. Never rejects: what is wrong is told to the sender, by code. */
  async receive(from: PeerId, message: Message, bytes: number): Promise<void> {
    this.#measure('received', message, bytes)
    try {
      await this.#router.route(message, from, bytes)
    } catch (error) {
      const code = wireCodeOf(error)
      if (code === 'internal')
        this.#init.logger.error('a message could not be handled', { type: message.type, from, error: String(error) })
      if (message.type !== 'error') this.#init.post(from, { type: 'error', code })
      this.#init.onRefused(from, code)
    }
  }

  /**
   * A question that came by gossip. What is not sound is not passed on; what is, once, whoever floods it: a question
   * whose asker died is flooded by those who know it, each with a message of its own.
   */
  gossiped(bytes: Uint8Array, from: PeerId): 'accept' | 'ignore' | 'reject' {
    try {
      const message = decodeMessage(bytes, { maxBytes: WIRE_LIMITS.gossip })
      if (message.type !== 'broadcast') return 'reject'
      const passage = `passed on ${message.space}`
      if (!this.#router.isNews(passage, message.time)) return 'ignore'
      this.#init.spaces.check(message)
      this.#router.remember(passage)
      void this.receive(from, message, bytes.length)
      return 'accept'
    } catch {
      return 'reject'
    }
  }

  /** Counts what goes out for a space. */
  sent(message: Message, bytes: number): void {
    this.#measure('sent', message, bytes)
    if ('space' in message && message.space !== undefined) this.#init.spaces.get(message.space)?.count(bytes)
  }

  /** Takes part in nothing new from now on. */
  closeToQuestions(): void {
    this.#takesQuestions = false
  }

  /** Messages of these types are for others from now on. */
  take(handlers: Handlers): void {
    this.#router.take(handlers)
  }

  forget(peer: PeerId): void {
    this.#router.forget(peer)
  }

  #measure(direction: 'received' | 'sent', { type }: Message, bytes: number): void {
    this.#init.metrics.count(`amp_messages_${direction}`, 1, { type })
    this.#init.metrics.count(`amp_bytes_${direction}`, bytes, { type })
  }

  async #invited(message: Message<'broadcast'>, from: PeerId): Promise<void> {
    if (!this.#takesQuestions || !this.#router.isNews(message.space, message.time)) return
    await this.#init.spaces.invited(message, from)
    this.#router.remember(message.space)
  }

  #told({ code, re }: Message<'error'>, from: PeerId): void {
    if (code === 'unknown-space' && re !== undefined) this.#init.spaces.get(re)?.lacking(from)
    this.#init.logger.debug('a peer answered with an error', { from, code })
  }
}
