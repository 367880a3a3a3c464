/** What the agents of a further tab say to others directly: all of it goes through the tab that is the peer. */
import {
  type AgentId,
  AmpError,
  type Cancel,
  type Json,
  type Logger,
  type PeerId,
  type SpaceId,
  SUBJECT_LIMITS,
} from '@amp-mesh/protocol'
import type { Handlers } from '../calls.ts'
import type { Space } from '../contract.ts'
import type { Address } from '../delivery/address.ts'
import type { Direct, OnConnect } from '../delivery/direct.ts'
import { LetterReceipt, type Receipt } from '../delivery/receipt.ts'
import type { Receive } from '../delivery/receiver.ts'
import { checkSaid } from '../delivery/said.ts'
import { EventQueue, listening } from '../event-queue.ts'
import { type AnsweredMail, answerMail, type MailPicture, plain } from '../handed-mail.ts'
import type { ConnectOptions, LetterOptions, Messages, ReceiveOptions, SendOptions } from '../messaging.ts'
import { isSpaceSubject, publishInSpace, spaceOf, subscribeToSpace } from '../subjects/space-subjects.ts'
import { matcherOf } from '../subjects/subject.ts'
import type { Published, SubscribeOptions, Subscription } from '../subjects/subscription.ts'
import type { DirectPicture } from './lent-messages.ts'

export interface AttachedMessagesInit {
  /** Calls something in the tab that is the peer; rejects when that is gone. */
  call<T>(name: string, args: readonly unknown[], signal?: AbortSignal): Promise<T>
  space(id: SpaceId): Space | undefined
  /** One that has come just now may not be here yet. */
  fetchSpace(id: SpaceId): Promise<Space>
  logger: Logger
}

interface Sent {
  readonly receipt: LetterReceipt
  addressed(agents: readonly AgentId[]): void
}

interface Reader {
  readonly queue: EventQueue<Published>
  /** Of those the peer itself dropped. */
  missed: number
}

export class AttachedMessages implements Messages {
  readonly handlers: Handlers
  readonly #init: AttachedMessagesInit
  readonly #sent = new Map<number, Sent>()
  readonly #readers = new Map<number, Reader>()
  readonly #receivers = new Map<string, Receive>()
  readonly #listeners = new Map<string, OnConnect>()
  #ids = 0

  constructor(init: AttachedMessagesInit) {
    this.#init = init
    this.handlers = {
      addressed: (_: AbortSignal, letter: number, agents: readonly AgentId[]) =>
        this.#sent.get(letter)?.addressed(agents),
      reached: (_: AbortSignal, letter: number, state: 'queued' | 'sent' | 'stored') =>
        this.#sent.get(letter)?.receipt.reached(state),
      published: (_: AbortSignal, id: number, published: Published, missed: number) =>
        this.#heard(id, published, missed),
      handle: (signal: AbortSignal, ...given: [agent: string, mail: MailPicture, about?: SpaceId]) =>
        this.#handle(signal, ...given),
      connected: (_: AbortSignal, agent: string, direct: DirectPicture) =>
        this.#listeners.get(agent)?.(new LentDirect(direct, this.#init.call)),
    }
  }

  send(to: Address, message: Json, { signal, ...options }: LetterOptions = {}): Receipt {
    const { call } = this.#init
    const letter = this.#ids++
    const found = Promise.withResolvers<readonly AgentId[]>()
    found.promise.catch(() => {}) // whoever asks for it is told
    try {
      if (signal?.aborted) throw new AmpError('stopped', 'the message was withdrawn before it was sent')
      const receipt = new LetterReceipt(found.promise)
      this.#sent.set(letter, { receipt, addressed: found.resolve })
      call<Json>('send', [letter, to, plain(message), options])
        .then(
          answer => receipt.answered(answer),
          error => {
            found.reject(error)
            receipt.failed(error)
          },
        )
        .finally(() => this.#sent.delete(letter))
      signal?.addEventListener('abort', () => void call('withdraw', [letter]).catch(() => {}), { once: true })
      return receipt
    } catch (error) {
      this.#sent.delete(letter)
      return LetterReceipt.refused(error)
    }
  }

  async request(to: Address, message: Json, { signal, ...options }: SendOptions = {}): Promise<Json> {
    return this.#init.call('request', [to, plain(message), options], signal)
  }

  receive(agent: string, receive: Receive, options: ReceiveOptions = {}): Cancel {
    return this.#during(this.#receivers, agent, receive, signal => this.#init.call('receive', [agent, options], signal))
  }

  async publish(subject: string, data: Json, options: Pick<SendOptions, 'as'> = {}): Promise<void> {
    const { call, space } = this.#init
    if (isSpaceSubject(subject)) return publishInSpace(spaceOf(subject, space), subject, data)
    return call('publish', [subject, plain(data), options])
  }

  /** Of a space, by the records that are here. */
  subscribe(pattern: string, options: SubscribeOptions = {}): Subscription {
    const { call, space } = this.#init
    if (isSpaceSubject(pattern)) return subscribeToSpace(spaceOf(pattern, space), pattern, options)
    matcherOf(pattern)
    const id = this.#ids++
    const stopped = new AbortController()
    const queue = new EventQueue<Published>(SUBJECT_LIMITS.unread)
    const reader: Reader = { queue, missed: 0 }
    this.#readers.set(id, reader)
    const stop = () => {
      this.#readers.delete(id)
      queue.end()
      stopped.abort()
    }
    call('subscribe', [id, pattern, options.last ?? 0], stopped.signal).then(stop, error => {
      if (!stopped.signal.aborted) queue.fail(error)
    })
    const heard = listening(queue, stop, options.signal)
    return {
      get missed() {
        return queue.missed + reader.missed
      },
      [Symbol.asyncIterator]: () => heard[Symbol.asyncIterator](),
    }
  }

  async connect(to: AgentId, { signal, ...options }: ConnectOptions = {}): Promise<Direct> {
    const { call } = this.#init
    return new LentDirect(await call<DirectPicture>('connect', [to, options], signal), call)
  }

  onConnect(agent: string, onConnect: OnConnect): Cancel {
    return this.#during(this.#listeners, agent, onConnect, signal => this.#init.call('listen', [agent], signal))
  }

  /** Has `handler` stand for an agent as long as `serve` runs, which ends by its signal. */
  #during<T>(all: Map<string, T>, agent: string, handler: T, serve: (signal: AbortSignal) => Promise<void>): Cancel {
    if (all.has(agent)) throw new AmpError('bad-input', `${agent} has a handler already`)
    all.set(agent, handler)
    const stopped = new AbortController()
    serve(stopped.signal).catch(error => {
      if (all.get(agent) === handler) all.delete(agent)
      if (!stopped.signal.aborted) this.#init.logger.error('an agent receives nothing', { agent, error: String(error) })
    })
    return () => {
      if (all.get(agent) === handler) all.delete(agent)
      stopped.abort()
    }
  }

  #heard(id: number, published: Published, missed: number): void {
    const reader = this.#readers.get(id)
    if (reader === undefined) return
    reader.missed = missed
    reader.queue.push(published)
  }

  async #handle(signal: AbortSignal, agent: string, mail: MailPicture, about?: SpaceId): Promise<AnsweredMail> {
    const receive = this.#receivers.get(agent)
    if (receive === undefined) throw new AmpError('unknown-agent', `${agent} receives no more`)
    const { call, space: spaceHere, fetchSpace } = this.#init
    const space = about === undefined ? undefined : (spaceHere(about) ?? (await fetchSpace(about)))
    const kept = (key: string) => call<Json | undefined>('kept', [mail.number, key], signal)
    return answerMail(mail, given => receive({ ...given, ...(space !== undefined && { space }) }), { signal, kept })
  }
}

/** A channel that ends in the tab that is the peer: each message is fetched from there when it is read. */
class LentDirect implements Direct {
  readonly peer: PeerId
  readonly agent: AgentId | undefined
  readonly #id: number
  readonly #call: AttachedMessagesInit['call']

  constructor({ id, peer, agent }: DirectPicture, call: AttachedMessagesInit['call']) {
    this.#id = id
    this.peer = peer
    this.agent = agent
    this.#call = call
  }

  async send(message: Json, signal?: AbortSignal): Promise<void> {
    checkSaid(message)
    return this.#call('say', [this.#id, message], signal)
  }

  close(): Promise<void> {
    return this.#call('hangUp', [this.#id])
  }

  [Symbol.asyncIterator](): AsyncIterator<Json> {
    return { next: () => this.#call<IteratorResult<Json>>('hear', [this.#id]) }
  }
}
