/** What agents say to each other directly: messages that are delivered whatever dies, requests, who receives them. */
import type { Candidate, FindOptions } from '@amp-mesh/discovery'
import {
  type AgentId,
  AmpError,
  type Cancel,
  type Clock,
  type Context,
  DELIVERY_LIMITS,
  type Identity,
  type Json,
  type Logger,
  type MeshId,
  type Network,
  PATTERNS,
  type PeerId,
  type Random,
  type SpaceId,
  type Storage,
  type Verify,
} from '@amp-mesh/protocol'
import type { Space } from './contract.ts'
import { type Address, agentsAt } from './delivery/address.ts'
import { encodeBody } from './delivery/body.ts'
import { contextOf, Parking } from './delivery/context.ts'
import { type Direct, Directs, type OnConnect } from './delivery/direct.ts'
import { Inbox } from './delivery/inbox.ts'
import { LetterStore } from './delivery/letter-store.ts'
import { sendToOneOf } from './delivery/one-of.ts'
import { type LetterClass, Outbox } from './delivery/outbox.ts'
import { FoundReceipt, LetterReceipt, type Receipt } from './delivery/receipt.ts'
import { type Receive, Receiver } from './delivery/receiver.ts'
import { Requests } from './delivery/requests.ts'
import { SelfLines } from './delivery/self-lines.ts'
import { within } from './delivery/within.ts'
import type { Lines } from './lines.ts'
import { wireNames } from './protocols.ts'
import { MeshSubjects } from './subjects/mesh-subjects.ts'
import { isSpaceSubject, publishInSpace, spaceOf, subscribeToSpace } from './subjects/space-subjects.ts'
import type { SubscribeOptions, Subscription } from './subjects/subscription.ts'

export interface SendOptions {
  /** ms from now after which it is not handled any more (default: a day; a request: 10 s). */
  deadline?: number
  /** Withdraws it, if it was not sent yet; of a request: stops waiting. */
  signal?: AbortSignal
  /** Which agent of this peer speaks, by its name. */
  as?: string
  /**
   * The space it is about: the receiver gets to hold what this peer holds of it before it handles the message, or
   * answers `missing-context` after 3 s.
   */
  space?: SpaceId
}

export interface LetterOptions extends SendOptions {
  /**
   * Idempotency id, `A-Z a-z 0-9 _ -`, 64 at most: of messages with one key from this peer to one agent the first is
   * handled, and all get its outcome; remembered for a day.
   */
  key?: string
  /** What is refused first when too much waits (default `normal`). */
  class?: LetterClass
}

export type ConnectOptions = Pick<SendOptions, 'deadline' | 'signal' | 'as'>

export interface ReceiveOptions {
  /** Messages handled at the same time (default 1: in the order each sender sent them). */
  atOnce?: number
}

export interface MessagingInit {
  mesh: { readonly id: MeshId }
  network: Pick<Network, 'publish' | 'subscribe' | 'open' | 'handle'>
  identity: Identity
  verify: Verify
  storage: Storage
  clock: Clock
  random: Random
  logger: Logger
  lines: Lines
  find(text: string, options: FindOptions): AsyncIterable<Candidate>
  space(id: SpaceId): Space | undefined
}

/** What of it a peer offers. */
export type Messages = Pick<
  Messaging,
  'send' | 'request' | 'receive' | 'publish' | 'subscribe' | 'connect' | 'onConnect'
>

interface World extends MessagingInit {
  lines: SelfLines
  store: LetterStore
  parking: Parking
}

export class Messaging {
  readonly #init: World
  readonly #store: LetterStore
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #requests: Requests
  readonly #subjects: MeshSubjects
  readonly #directs: Directs
  readonly #receivers = new Map<string, Receiver>()
  readonly #stopped = new AbortController()
  readonly #unlink: Cancel

  /** Reads what waits on the disk. Whoever has letters there opens it before the network: what comes finds somebody. */
  static async open(init: MessagingInit): Promise<Messaging> {
    const store = new LetterStore(init.storage, init.clock)
    await store.sweepKeys()
    const lines = new SelfLines(init.identity.peerId, init.lines)
    const parking = new Parking(init)
    const world = { ...init, lines, store, parking }
    return new Messaging(world, await Outbox.open(world), await Inbox.open(world))
  }

  private constructor(init: World, outbox: Outbox, inbox: Inbox) {
    const { lines } = init
    this.#init = init
    this.#store = init.store
    this.#outbox = outbox
    this.#inbox = inbox
    this.#requests = new Requests({ ...init, receiver: agent => this.#receivers.get(agent) })
    const { mesh } = init
    const { topics, direct } = wireNames(mesh.id)
    this.#subjects = new MeshSubjects({ ...init, lines, mesh: mesh.id, topic: topics.pub })
    this.#directs = new Directs({ ...init, protocol: direct })
    lines.take({
      letters: (message, from) => inbox.receive(from, message),
      receipts: (message, from) => outbox.receive(from, message),
      request: (message, from) => this.#requests.requested(from, message),
      reply: (message, from) => this.#requests.replied(from, message),
    })
    const up = (peer: PeerId) => {
      outbox.linkUp(peer)
      inbox.linkUp(peer)
    }
    const down = (peer: PeerId) => {
      outbox.linkDown(peer)
      this.#requests.linkDown(peer)
    }
    this.#unlink = lines.onLink({ up, down })
    for (const peer of lines.linked()) up(peer)
  }

  /**
   * Delivers a message to an agent, or to those that fit, over kill -9, power cuts and partitions, until its deadline.
   * {@link Receipt} says what is known when, {@link Received} what a handler can rely on. Never throws: what is wrong
   * the receipt says.
   */
  send(to: Address, message: Json, options: LetterOptions = {}): Receipt {
    const { deadline = DELIVERY_LIMITS.deadlineMs, signal, as, key } = options
    const { clock, find } = this.#init
    try {
      if (key !== undefined && !PATTERNS.messageId.test(key)) throw new AmpError('bad-input', `not a key: ${key}`)
      const letter = {
        body: encodeBody(message),
        deadline: clock.now() + Math.min(deadline, DELIVERY_LIMITS.longestDeadlineMs),
        ...(as !== undefined && { by: checkedName(as) }),
        ...(key !== undefined && { key }),
        ...this.#context(options.space),
      }
      const how = { as: options.class ?? 'normal', ...(signal !== undefined && { signal }) }
      if (typeof to === 'string') return this.#outbox.send(to, letter, how)
      const ends = within(clock, deadline, this.#signal(signal))
      const { limit = 1 } = to
      const found = agentsAt({ ...to, limit: Math.max(limit, DELIVERY_LIMITS.candidates) }, find, ends.signal)
      const copies = found.finally(ends.cancel).then(async agents => {
        if (limit > 1) return agents.slice(0, limit).map(agent => this.#outbox.send(agent, letter, how))
        const withdrawn = (withdrawal: AbortSignal) => (signal ? AbortSignal.any([signal, withdrawal]) : withdrawal)
        const send = (agent: AgentId, withdrawal: AbortSignal) =>
          this.#outbox.send(agent, letter, { ...how, signal: withdrawn(withdrawal) })
        return [await sendToOneOf(agents, send, clock)]
      })
      return new FoundReceipt(copies, limit > 1)
    } catch (error) {
      return LetterReceipt.refused(error)
    }
  }

  /**
   * Asks an agent, or the one that fits best, and gives its answer. At most once, nothing is stored. Rejects
   * with `expired` at the deadline, with `unreachable` when the link breaks (it may have been asked or not), with
   * `no-agents` when nobody fits, with the signal's reason, or as the agent says.
   */
  async request(to: Address, message: Json, options: SendOptions = {}): Promise<Json> {
    const { deadline = DELIVERY_LIMITS.requestMs, as } = options
    const { clock, find } = this.#init
    const body = encodeBody(message)
    const ends = within(clock, deadline, this.#signal(options.signal))
    try {
      const [agent] = typeof to === 'string' ? [to] : await agentsAt({ ...to, limit: 1 }, find, ends.signal)
      if (agent === undefined) throw new AmpError('no-agents', 'no agent fits')
      const by = as === undefined ? {} : { by: checkedName(as) }
      const said = { body, deadline: clock.now() + deadline, ...by, ...this.#context(options.space) }
      return await this.#requests.ask(agent, said, ends.signal)
    } finally {
      ends.cancel()
    }
  }

  /**
   * What is sent to this agent of ours is for `receive` from now on; what came before first. One handler an agent.
   * Returns how to stop: what is being handled is aborted, and handled again by the next who receives.
   */
  receive(agent: string, receive: Receive, { atOnce = 1 }: ReceiveOptions = {}): Cancel {
    if (this.#receivers.has(checkedName(agent))) throw new AmpError('bad-input', `${agent} has a handler already`)
    const receiver = new Receiver({ agent, receive, atOnce, store: this.#store, clock: this.#init.clock })
    this.#receivers.set(agent, receiver)
    this.#inbox.claim(agent, receiver)
    return () => {
      if (this.#receivers.get(agent) !== receiver) return
      this.#receivers.delete(agent)
      this.#inbox.unclaim(agent)
      receiver.close()
    }
  }

  /**
   * Publishes under a subject of the mesh (`news.weather`): whoever subscribes now hears it, at most once, 62 KiB at
   * most. Under `space.<id>.<kind>` it says a record of that kind in the space, with `data` as its fields. Rejects with
   * `bad-input`, `too-large`, `no-such-space`, or as the space's `append` does.
   */
  publish(subject: string, data: Json, { as }: Pick<SendOptions, 'as'> = {}): Promise<void> {
    if (!isSpaceSubject(subject)) return this.#subjects.publish(subject, data, as && checkedName(as))
    return publishInSpace(spaceOf(subject, this.#init.space), subject, data)
  }

  /**
   * What is published under subjects that fit a pattern (`news.*`, `news.>`), from now on. Of a space (`space.<id>.*`)
   * its records: at least once, and the `last` ones are complete; of the mesh at most once, and the `last` ones as far
   * as neighbours remember. Throws `bad-input`, `no-such-space` or `busy`.
   */
  subscribe(pattern: string, options: SubscribeOptions = {}): Subscription {
    if (!isSpaceSubject(pattern)) return this.#subjects.subscribe(pattern, options)
    return subscribeToSpace(spaceOf(pattern, this.#init.space), pattern, options)
  }

  /**
   * A channel to an agent on a stream of its own: both sides speak and listen, in order, and who does not read slows
   * down who speaks. Rejects with `unreachable`, `unknown-agent`, `expired`, or the signal's reason.
   */
  async connect(
    to: AgentId,
    { deadline = DELIVERY_LIMITS.requestMs, as, signal }: ConnectOptions = {},
  ): Promise<Direct> {
    const ends = within(this.#init.clock, deadline, this.#signal(signal))
    try {
      return await this.#directs.connect(to, as && checkedName(as), ends.signal)
    } finally {
      ends.cancel()
    }
  }

  /** Channels to this agent of ours are for `onConnect` from now on. Returns how to stop. */
  onConnect(agent: string, onConnect: OnConnect): Cancel {
    return this.#directs.listen(checkedName(agent), onConnect)
  }

  async close(): Promise<void> {
    this.#stopped.abort(new AmpError('stopped', 'the peer was stopped'))
    this.#unlink()
    this.#subjects.close()
    await this.#directs.close()
    this.#outbox.close()
    this.#inbox.close()
    await this.#store.close()
  }

  #context(id: SpaceId | undefined): { context?: Context } {
    const space = id === undefined ? undefined : this.#init.space(id)
    if (id !== undefined && space === undefined)
      throw new AmpError('no-such-space', `this peer does not carry the space ${id}`)
    return space === undefined ? {} : { context: contextOf(space) }
  }

  #signal(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#stopped.signal : AbortSignal.any([signal, this.#stopped.signal])
  }
}

function checkedName(agent: string): string {
  if (!PATTERNS.agentName.test(agent)) throw new AmpError('bad-input', `not the name of an agent: ${agent}`)
  return agent
}
