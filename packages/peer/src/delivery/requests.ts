/** Requests: asked and answered over a link, at most once; nothing is stored. */
import {
  type AgentId,
  AmpError,
  agentIdOf,
  DELIVERY_LIMITS,
  type Json,
  type Message,
  type PeerId,
  parseAgentId,
} from '@amp-mesh/protocol'
import type { Lines } from '../lines.ts'
import { readBody } from './body.ts'
import type { Parking } from './context.ts'
import { failure } from './failure.ts'
import type { LetterStore } from './letter-store.ts'
import type { Handled, Receiver } from './receiver.ts'

export interface RequestsInit {
  lines: Lines
  store: LetterStore
  parking: Parking
  /** Who receives for an agent of this peer. */
  receiver(agent: string): Receiver | undefined
}

interface Pending {
  readonly peer: PeerId
  resolve(answer: Json): void
  reject(error: unknown): void
}

export class Requests {
  readonly #init: RequestsInit
  readonly #pending = new Map<number, Pending>()
  readonly #running = new Map<PeerId, number>()
  #ids = 0

  constructor(init: RequestsInit) {
    this.#init = init
  }

  /** Rejects with the signal's reason, `unreachable` when the link breaks, or what the other side says. */
  async ask(to: AgentId, said: Omit<Message<'request'>, 'type' | 'id' | 'to'>, signal: AbortSignal): Promise<Json> {
    const { peer, name } = parseAgentId(to)
    if (this.#pending.size >= DELIVERY_LIMITS.requests) throw new AmpError('busy', 'too many requests wait for replies')
    const id = ++this.#ids
    await this.#linked(peer, signal)
    let stop: (() => void) | undefined
    try {
      return await new Promise<Json>((resolve, reject) => {
        this.#pending.set(id, { peer, resolve, reject })
        stop = () => reject(signal.reason)
        signal.addEventListener('abort', stop, { once: true })
        if (!this.#init.lines.post(peer, { type: 'request', id, to: name, ...said })) reject(unreachable(peer))
      })
    } finally {
      if (stop !== undefined) signal.removeEventListener('abort', stop)
      this.#pending.delete(id)
    }
  }

  replied(from: PeerId, { id, result, code, why }: Message<'reply'>): void {
    const pending = this.#pending.get(id)
    if (pending?.peer !== from) return
    try {
      if (code !== undefined) pending.reject(failure(code, why))
      else pending.resolve(result === undefined ? null : readBody(result))
    } catch (error) {
      pending.reject(error)
    }
  }

  /** Answers; what is too much is told `busy`. Returns at once. */
  requested(from: PeerId, message: Message<'request'>): void {
    const receiver = this.#init.receiver(message.to)
    const running = this.#running.get(from) ?? 0
    const { id } = message
    if (receiver === undefined) this.#reply(from, { type: 'reply', id, code: 'unknown-agent' })
    else if (running >= DELIVERY_LIMITS.requestsPerPeer) this.#reply(from, { type: 'reply', id, code: 'busy' })
    else {
      this.#running.set(from, running + 1)
      const act = () => receiver.inTurn(() => this.#answer(from, message, receiver))
      if (message.context === undefined) act()
      else void this.#init.parking.wait(from, message.context).then(act)
    }
  }

  linkDown(peer: PeerId): void {
    for (const pending of this.#pending.values()) if (pending.peer === peer) pending.reject(unreachable(peer))
  }

  /** Waits for a link. Rejects with the signal's reason. */
  async #linked(peer: PeerId, signal: AbortSignal): Promise<void> {
    const { lines } = this.#init
    signal.throwIfAborted()
    if (lines.isLinked(peer)) return
    lines.want(peer)
    await new Promise<void>((resolve, reject) => {
      const end = (act: () => void) => {
        cancel()
        signal.removeEventListener('abort', stop)
        act()
      }
      const stop = () => end(() => reject(signal.reason))
      const cancel = lines.onLink({ up: each => each === peer && end(resolve), down: () => undefined })
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  async #answer(from: PeerId, message: Message<'request'>, receiver: Receiver): Promise<void> {
    const { id } = message
    const { keeps, result, code, why } = await this.#call(from, message, receiver)
    if (keeps.length > 0) await this.#init.store.write(keeps)
    this.#reply(from, { type: 'reply', id, ...(result && { result }), ...(code && { code }), ...(why && { why }) })
    const running = (this.#running.get(from) ?? 1) - 1
    if (running === 0) this.#running.delete(from)
    else this.#running.set(from, running)
  }

  #call(from: PeerId, message: Message<'request'>, receiver: Receiver): Handled | Promise<Handled> {
    const { id, body, by, context, deadline } = message
    const space = context && this.#init.parking.held(context)
    if (context !== undefined && space === undefined) return { code: 'missing-context', keeps: [] }
    const agent = by === undefined ? {} : { agent: agentIdOf(from, by) }
    return receiver.handle({ body, from, key: `request-${id}`, deadline, ...agent, ...(space && { space }) })
  }

  #reply(to: PeerId, reply: Message<'reply'>): void {
    this.#init.lines.post(to, reply)
  }
}

const unreachable = (peer: PeerId) =>
  new AmpError('unreachable', `${peer} is not linked, or its link broke: the request may have arrived or not`)
