/** The index in the DHT on the wire: questions to holders and their answers, each on a short stream of its own. */
import type { Holder, IndexStore } from '@amp-mesh/discovery'
import {
  AmpError,
  type Cancel,
  type Clock,
  type Message,
  type Network,
  type PeerId,
  type Stream,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { Channel } from './channel.ts'

export interface IndexExchangeInit {
  network: Network
  /** Name of the protocol. */
  protocol: string
  clock: Clock
  /** Ours; a browser has none. */
  holder: Holder | undefined
}

/** Simultaneous conversations of one peer with us: a wave of a request, and a publication beside it. */
const STREAMS = 16
/** A conversation may last this long, ms. */
const TALK_MS = 5_000

export class IndexExchange {
  readonly #init: IndexExchangeInit
  readonly #unhandle: Cancel

  constructor(init: IndexExchangeInit) {
    this.#init = init
    const { holder } = init
    this.#unhandle =
      holder === undefined
        ? () => {}
        : init.network.handle(init.protocol, STREAMS, stream => this.#serve(stream, holder))
  }

  /** Rejects with `busy` or `unreachable`. `bytes`: of question and answer. */
  async query(
    peer: PeerId,
    query: Message<'index_query'>,
    signal: AbortSignal,
  ): Promise<{ answer: Message<'index_cards'>; bytes: number }> {
    const { message, bytes } = await this.#ask(peer, query, holder => holder.query(peer, query), signal)
    if (message.type !== 'index_cards') throw refusal(peer, message)
    return { answer: message, bytes }
  }

  /** Rejects with `busy` or `unreachable`. */
  async store(peer: PeerId, store: IndexStore, signal: AbortSignal): Promise<Message<'index_stored'>> {
    const { message } = await this.#ask(peer, store, holder => holder.store(peer, store), signal)
    if (message.type !== 'index_stored') throw refusal(peer, message)
    return message
  }

  stop(): void {
    this.#unhandle()
  }

  /** The answer of a peer; our own needs no wire. */
  async #ask(
    peer: PeerId,
    question: Message,
    ours: (holder: Holder) => Message,
    signal: AbortSignal,
  ): Promise<{ message: Message; bytes: number }> {
    const { network, protocol, clock, holder } = this.#init
    if (peer === network.self && holder !== undefined) return { message: ours(holder), bytes: 0 }
    const stream = await network.open(peer, protocol, signal)
    let sent = 0
    return new Promise((resolve, reject) => {
      const channel: Channel = new Channel({
        stream,
        clock,
        maxBytes: WIRE_LIMITS.message,
        onMessage: (message, bytes) => {
          resolve({ message, bytes: sent + bytes })
          void channel.close()
        },
        onSent: (_message, bytes) => {
          sent += bytes
        },
        onClose: () => {
          signal.removeEventListener('abort', stop)
          reject(new AmpError('unreachable', `${peer} hung up before it answered`))
        },
      })
      const stop = () => {
        reject(signal.reason)
        channel.abort(new AmpError('unreachable', 'nobody waits for the answer any more'))
      }
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      else channel.post(question)
    })
  }

  #serve(stream: Stream, holder: Holder): void {
    const channel: Channel = new Channel({
      stream,
      clock: this.#init.clock,
      maxBytes: WIRE_LIMITS.message,
      onMessage: message => {
        if (message.type === 'index_query') channel.post(holder.query(stream.peer, message))
        else if (message.type === 'index_store') channel.post(holder.store(stream.peer, message))
        else throw new AmpError('bad-message', 'not a message of the index')
      },
      onClose: () => cancel(),
    })
    const cancel = this.#init.clock.after(TALK_MS, () => channel.abort(new AmpError('busy', 'it took too long')))
  }
}

const refusal = (peer: PeerId, { type }: Message) =>
  type === 'busy'
    ? new AmpError('busy', `${peer} is asked too much: try later`)
    : new AmpError('unreachable', `${peer} does not answer questions about the index`)
