/** What a plain client says to agents directly, and the subjects it publishes under and hears. */
import { AmpError, type GatewayRequest } from '@amp-mesh/protocol'
import type { Address } from '../delivery/address.ts'
import type { Messaging } from '../messaging.ts'
import { isSpaceSubject } from '../subjects/space-subjects.ts'
import type { Call } from './call.ts'
import type { Line } from './line.ts'
import { agentOf } from './session.ts'

/** The part of the peer's messaging that clients use. */
export type Post = Pick<Messaging, 'send' | 'request' | 'publish' | 'subscribe'>

export class Correspondence {
  readonly #post: Post
  readonly #line: Line
  /** By the client's name for it. */
  readonly #subscriptions = new Map<string, AbortController>()

  constructor(post: Post, line: Line) {
    this.#post = post
    this.#line = line
  }

  /** Tells each state the message reaches, with the last one the answer. Goes on when the session has ended. */
  async send({ to, message, deadlineMs, key }: GatewayRequest<'send'>, { re, from, begun }: Call): Promise<void> {
    const receipt = this.#post.send(to as Address, message, {
      as: agentOf(from),
      ...(deadlineMs !== undefined && { deadline: deadlineMs }),
      ...(key !== undefined && { key }),
    })
    begun()
    for await (const state of receipt) {
      if (state === 'new' || state === 'failed' || state === 'expired') continue
      const answer = state === 'done' ? { answer: await receipt.done } : {}
      this.#line.tell({ type: 'receipt', re, state, to: [...(await receipt.to)], ...answer })
    }
    await receipt.done // what failed is told as every failure is
  }

  async request(
    { to, message, deadlineMs }: GatewayRequest<'request'>,
    { re, from, begun }: Call,
    ended: AbortSignal,
  ): Promise<void> {
    begun()
    const deadline = deadlineMs === undefined ? {} : { deadline: deadlineMs }
    const answer = await this.#post.request(to as Address, message, { as: agentOf(from), signal: ended, ...deadline })
    this.#line.tell({ type: 'reply', re, answer })
  }

  async publish({ subject, data }: GatewayRequest<'publish'>, { re, from }: Call): Promise<void> {
    if (isSpaceSubject(subject))
      throw new AmpError('not-allowed', 'what is said in a space is a record: send one with its kind as type')
    await this.#post.publish(subject, data, { as: agentOf(from) })
    this.#line.tell({ type: 'published', re })
  }

  /** Tells what is published, until the client unsubscribes or its session ends. */
  async subscribe(
    { subject, last }: GatewayRequest<'subscribe'>,
    { re, begun }: Call,
    ended: AbortSignal,
  ): Promise<void> {
    if (this.#subscriptions.has(re)) throw new AmpError('bad-message', `there is a subscription with the id ${re}`)
    const stopped = new AbortController()
    const signal = AbortSignal.any([stopped.signal, ended])
    const subscription = this.#post.subscribe(subject, { signal, ...(last !== undefined && { last }) })
    this.#subscriptions.set(re, stopped)
    try {
      this.#line.tell({ type: 'subscribed', re })
      begun()
      for await (const { subject, data, from, agent, time } of subscription) {
        this.#line.tell({ type: 'event', re, subject, data, from: agent ?? from, time })
        await this.#line.flow()
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      this.#subscriptions.delete(re)
    }
  }

  /** `subscription`: the id of its `subscribe`. */
  unsubscribe(subscription: string, re: string): void {
    this.#subscriptions.get(subscription)?.abort()
    this.#line.tell({ type: 'unsubscribed', re })
  }
}
