/** The messages of the tab that is the peer, lent to a further tab: what that one calls, and what it is told. */
import { type AgentId, AmpError, aborted, type Json, type PeerId } from '@amp-mesh/protocol'
import type { Handlers } from '../calls.ts'
import type { Address } from '../delivery/address.ts'
import type { Direct } from '../delivery/direct.ts'
import type { Received } from '../delivery/receiver.ts'
import { HandedMail } from '../handed-mail.ts'
import type { ConnectOptions, LetterOptions, Messages, ReceiveOptions, SendOptions } from '../messaging.ts'

/** Options without what stays in its tab. */
export type Plain<Options> = Omit<Options, 'signal'>

/** A channel that ends in this tab: the other one speaks and listens by its number. */
export interface DirectPicture {
  id: number
  peer: PeerId
  agent: AgentId | undefined
}

/** Calls something in the further tab. */
export type Tell = <T>(name: string, args: readonly unknown[], signal?: AbortSignal) => Promise<T>

export class LentMessages {
  readonly handlers: Handlers
  readonly #messages: Messages
  readonly #tell: Tell
  readonly #closed: AbortSignal
  readonly #withdrawals = new Map<number, AbortController>()
  readonly #mail = new HandedMail()
  readonly #directs = new Map<number, { direct: Direct; heard: AsyncIterator<Json> }>()
  #ids = 0

  /** `closed` aborts when the further tab is gone. */
  constructor(messages: Messages, tell: Tell, closed: AbortSignal) {
    this.#messages = messages
    this.#tell = tell
    this.#closed = closed
    closed.addEventListener('abort', () => {
      for (const { direct } of this.#directs.values()) void direct.close()
    })
    this.handlers = {
      send: (_: AbortSignal, ...given: Parameters<LentMessages['send']>) => this.send(...given),
      withdraw: (_: AbortSignal, letter: number) => this.#withdrawals.get(letter)?.abort(),
      request: (signal: AbortSignal, to: Address, message: Json, options: Plain<SendOptions>) =>
        messages.request(to, message, { ...options, signal }),
      publish: (_: AbortSignal, ...given: Parameters<Messages['publish']>) => messages.publish(...given),
      subscribe: (signal: AbortSignal, ...given: [number, string, number]) => this.#subscribe(signal, ...given),
      receive: (signal: AbortSignal, agent: string, options: ReceiveOptions) => this.#receive(signal, agent, options),
      kept: (_: AbortSignal, mail: number, key: string) => this.#mail.kept(mail, key),
      connect: async (signal: AbortSignal, to: AgentId, options: Plain<ConnectOptions>) =>
        this.#lend(await messages.connect(to, { ...options, signal })),
      listen: (signal: AbortSignal, agent: string) => this.#listen(signal, agent),
      say: (signal: AbortSignal, id: number, message: Json) => this.#direct(id).direct.send(message, signal),
      hear: (_: AbortSignal, id: number) => this.#hear(id),
      hangUp: (_: AbortSignal, id: number) => this.#hangUp(id),
    }
  }

  /** Outlives the tab that sent it, as letters do. */
  async send(letter: number, to: Address, message: Json, options: Plain<LetterOptions>): Promise<Json> {
    const withdrawal = new AbortController()
    this.#withdrawals.set(letter, withdrawal)
    const receipt = this.#messages.send(to, message, { ...options, signal: withdrawal.signal })
    const tell = (name: string, what: unknown) => void this.#tell(name, [letter, what]).catch(() => {})
    receipt.to.then(
      agents => tell('addressed', agents),
      () => {}, // `done` says so too
    )
    try {
      for (const state of ['queued', 'sent', 'stored'] as const) {
        await receipt[state]
        tell('reached', state)
      }
      return await receipt.done
    } finally {
      this.#withdrawals.delete(letter)
    }
  }

  /** As fast as the other tab takes it. */
  async #subscribe(signal: AbortSignal, id: number, pattern: string, last: number): Promise<void> {
    const until = this.#while(signal)
    const heard = this.#messages.subscribe(pattern, { last, signal: until })
    for await (const published of heard) await this.#tell('published', [id, published, heard.missed], until)
  }

  /** Until the signal aborts. */
  async #receive(signal: AbortSignal, agent: string, options: ReceiveOptions): Promise<void> {
    const cancel = this.#messages.receive(agent, received => this.#handle(agent, received), options)
    await aborted(this.#while(signal))
    cancel()
  }

  #handle(agent: string, received: Received): Promise<Json | undefined> {
    const { space, signal } = received
    return this.#mail.hand(received, picture => this.#tell('handle', [agent, picture, space?.id], signal))
  }

  async #listen(signal: AbortSignal, agent: string): Promise<void> {
    const cancel = this.#messages.onConnect(agent, direct =>
      this.#tell<void>('connected', [agent, this.#lend(direct)], this.#closed),
    )
    await aborted(this.#while(signal))
    cancel()
  }

  #lend(direct: Direct): DirectPicture {
    const id = this.#ids++
    this.#directs.set(id, { direct, heard: direct[Symbol.asyncIterator]() })
    return { id, peer: direct.peer, agent: direct.agent }
  }

  #direct(id: number) {
    const found = this.#directs.get(id)
    if (found === undefined) throw new AmpError('unreachable', 'the channel is closed')
    return found
  }

  /** What has ended is not kept. */
  async #hear(id: number): Promise<IteratorResult<Json>> {
    const next = await this.#direct(id).heard.next()
    if (next.done) this.#directs.delete(id)
    return next
  }

  async #hangUp(id: number): Promise<void> {
    const direct = this.#directs.get(id)?.direct
    this.#directs.delete(id)
    await direct?.close()
  }

  #while(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closed])
  }
}
