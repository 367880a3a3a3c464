/** Direct channels between two agents: both sides speak and listen, and who does not read slows down who speaks. */
import {
  type AgentId,
  AmpError,
  agentIdOf,
  type Cancel,
  type Clock,
  DELIVERY_LIMITS,
  isWireCode,
  type Json,
  type Message,
  type Network,
  type PeerId,
  parseAgentId,
  type Stream,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { Channel } from '../channel.ts'
import { checkSaid, SAID } from './said.ts'

/** One end. Iterate it for what the other side says; it ends when that side closes, and throws when the link breaks. */
export interface Direct extends AsyncIterable<Json> {
  readonly peer: PeerId
  /** The agent at the other end, if it said which. */
  readonly agent: AgentId | undefined
  /** Resolves when there is room for more. Rejects with `unreachable` once it is closed, or the signal's reason. */
  send(message: Json, signal?: AbortSignal): Promise<void>
  /** Ends it once all is sent. */
  close(): Promise<void>
}

export type OnConnect = (direct: Direct) => void | Promise<void>

export interface DirectsInit {
  network: Pick<Network, 'open' | 'handle'>
  protocol: string
  clock: Clock
}

/** Simultaneous channels of one peer with us. */
const STREAMS = 32

export class Directs {
  readonly #init: DirectsInit
  readonly #listeners = new Map<string, OnConnect>()
  readonly #open = new Set<DirectChannel>()
  readonly #unhandle: Cancel

  constructor(init: DirectsInit) {
    this.#init = init
    this.#unhandle = init.network.handle(init.protocol, STREAMS, stream => this.#accept(stream))
  }

  /** Rejects with `unreachable`, `unknown-agent`, or the signal's reason. */
  async connect(to: AgentId, by: string | undefined, signal: AbortSignal): Promise<Direct> {
    const { peer, name } = parseAgentId(to)
    const { network, protocol, clock } = this.#init
    const stream = await network.open(peer, protocol, signal)
    const direct = new DirectChannel(stream, clock, ended => this.#open.delete(ended), to)
    this.#open.add(direct)
    const stop = () => direct.abort(new AmpError('unreachable', 'nobody waits for the channel any more'))
    signal.addEventListener('abort', stop, { once: true })
    try {
      await direct.ask({ type: 'connect', to: name, ...(by !== undefined && { by }) })
      return direct
    } catch (error) {
      direct.abort(new AmpError('unreachable'))
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  listen(agent: string, onConnect: OnConnect): Cancel {
    if (this.#listeners.has(agent)) throw new AmpError('bad-input', `${agent} takes connections already`)
    this.#listeners.set(agent, onConnect)
    return () => this.#listeners.delete(agent)
  }

  async close(): Promise<void> {
    this.#unhandle()
    await Promise.all([...this.#open].map(direct => direct.close()))
  }

  #accept(stream: Stream): void {
    const direct = new DirectChannel(stream, this.#init.clock, ended => this.#open.delete(ended))
    this.#open.add(direct)
    direct.asked.then(
      ({ to, by }) => {
        const listener = this.#listeners.get(to)
        if (listener === undefined) return direct.refuse('unknown-agent')
        direct.agent = by === undefined ? undefined : agentIdOf(stream.peer, by)
        direct.answer(to)
        void Promise.resolve(listener(direct)).catch(() => direct.abort(new AmpError('failed')))
      },
      () => undefined,
    )
  }
}

class DirectChannel implements Direct {
  readonly peer: PeerId
  agent: AgentId | undefined
  /** What the other side wants, when it opened the stream. */
  readonly asked: Promise<Message<'connect'>>
  readonly #channel: Channel
  readonly #heard: Json[] = []
  readonly #asked = Promise.withResolvers<Message<'connect'>>()
  readonly #answered = Promise.withResolvers<void>()
  #ended = false
  #failure: Error | undefined
  /** Of readers that wait: something was heard, or it ended. */
  #arrival: PromiseWithResolvers<void> | undefined
  #wakeStream: () => void = () => {}

  constructor(stream: Stream, clock: Clock, onEnd: (direct: DirectChannel) => void, agent?: AgentId) {
    this.peer = stream.peer
    this.agent = agent
    this.asked = this.#asked.promise
    this.#answered.promise.catch(() => undefined)
    this.#asked.promise.catch(() => undefined)
    this.#channel = new Channel({
      stream,
      clock,
      maxBytes: WIRE_LIMITS.message,
      ...SAID,
      onMessage: message => this.#receive(message),
      onClose: reason => {
        this.#ended = true
        this.#failure = reason
        const error = reason ?? new AmpError('unreachable', 'the other side closed the channel')
        this.#asked.reject(error)
        this.#answered.reject(error)
        this.#arrived()
        this.#wakeStream()
        onEnd(this)
      },
    })
  }

  async ask(question: Message<'connect'>): Promise<void> {
    this.#channel.post(question)
    await this.#answered.promise
  }

  answer(by: string): void {
    this.#channel.post({ type: 'connected', by })
  }

  refuse(code: 'unknown-agent'): void {
    this.#channel.post({ type: 'error', code })
    void this.#channel.close()
  }

  async send(message: Json, signal?: AbortSignal): Promise<void> {
    checkSaid(message)
    while (!this.#channel.post({ type: 'say', value: message })) {
      if (this.#ended) throw this.#failure ?? new AmpError('unreachable', 'the channel is closed')
      await this.#channel.room(signal)
    }
    if (this.#channel.queued > DELIVERY_LIMITS.windowBytes) await this.#channel.room(signal)
  }

  close(): Promise<void> {
    return this.#channel.close()
  }

  abort(reason: Error): void {
    this.#channel.abort(reason)
  }

  /** No generator: one takes three promises a message, this takes one. */
  [Symbol.asyncIterator](): AsyncIterator<Json> {
    return { next: () => this.#next() }
  }

  async #next(): Promise<IteratorResult<Json>> {
    while (this.#heard.length === 0) {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#ended) return { done: true, value: undefined }
      this.#arrival ??= Promise.withResolvers()
      await this.#arrival.promise
    }
    const value = this.#heard.shift() as Json
    if (this.#heard.length === 0) this.#wakeStream()
    return { done: false, value }
  }

  #receive(message: Message): Promise<void> | void {
    switch (message.type) {
      case 'say':
        this.#heard.push(message.value)
        this.#arrived()
        return this.#heard.length < DELIVERY_LIMITS.unread ? undefined : this.#untilRead()
      case 'connect':
        return this.#asked.resolve(message)
      case 'connected':
        return this.#answered.resolve()
      case 'error':
        throw new AmpError(isWireCode(message.code) ? message.code : 'failed')
      default:
        throw new AmpError('bad-message', 'not a message of a channel')
    }
  }

  #arrived(): void {
    this.#arrival?.resolve()
    this.#arrival = undefined
  }

  /** Too much is unread: until that is done the stream is not read either, and the other side waits. */
  async #untilRead(): Promise<void> {
    while (this.#heard.length > 0 && !this.#ended)
      await new Promise<void>(resolve => {
        this.#wakeStream = resolve
      })
  }
}
