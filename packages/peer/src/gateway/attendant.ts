/** Does in the peer what the client of a session asks, and tells it what comes of that. */
import {
  type AgentCard,
  AmpError,
  aborted,
  type Cancel,
  GATEWAY_LIMITS,
  type GatewayRequest,
  type GatewayRequestType,
  sleep,
} from '@amp-mesh/protocol'
import type { AskOptions, Peer } from '../contract.ts'
import { Rate } from '../rate.ts'
import type { Call } from './call.ts'
import { Correspondence, type Post } from './correspondence.ts'
import { errorFor } from './gateway-error.ts'
import type { Guests } from './guests.ts'
import { type Connection, Line } from './line.ts'
import { Participation } from './participation.ts'
import { GUEST, type Heard, type Session } from './session.ts'
import { shownEnd, shownRecord } from './shown.ts'

/** What the gateway needs of its peer. */
export interface GatewayPeer
  extends Pick<Peer, 'identity' | 'mesh' | 'clock' | 'random' | 'metrics' | 'ask' | 'space' | 'find' | 'onInvitation'>,
    Post {
  /** The cards of its own agents. */
  agents(): AgentCard[]
}

export interface AttendantInit {
  peer: GatewayPeer
  session: Session
  connection: Connection
  guests: Guests
  /** A place for one more question among those of all sessions. Throws `busy`. The function gives it back. */
  takeQuestion(): Cancel
  /** The session to go on with in place of this one, which ends. Throws `stale` or `not-allowed`. */
  resume(by: Attendant, session: string): Attendant
}

/** What goes on while the next messages are read; the others are dealt with one after the other. */
const LASTING: ReadonlySet<string> = new Set<GatewayRequestType>([
  'broadcast',
  'join',
  'listen',
  'find',
  'send',
  'request',
  'subscribe',
])

type Handlers = { readonly [T in GatewayRequestType]: (request: GatewayRequest<T>, call: Call) => Promise<void> }

export class Attendant {
  readonly session: Session
  readonly line: Line
  readonly #init: AttendantInit
  readonly #rate: Rate
  readonly #spaces: Participation
  readonly #correspondence: Correspondence
  readonly #ended = new AbortController()
  readonly #handlers: Handlers
  #conversations = 0

  constructor(init: AttendantInit) {
    this.#init = init
    this.session = init.session
    this.line = new Line(init.session, init.connection, init.peer.metrics)
    this.#spaces = new Participation({ ...init, line: this.line })
    this.#correspondence = new Correspondence(init.peer, this.line)
    const { messagesPerSecond: perSecond, messageBurst: burst } = GATEWAY_LIMITS
    this.#rate = new Rate({ perSecond, burst }, init.peer.clock.now())
    this.#handlers = {
      broadcast: (request, call) => this.#ask(request, call),
      join: ({ space, last }, { re, begun }) => this.#spaces.join(space, re, begun, last),
      leave: async ({ space }, { re }) => {
        this.#spaces.leave(space)
        this.line.tell({ type: 'left', re, space })
      },
      listen: (_, call) => this.#listen(call),
      find: (request, call) => this.#find(request, call),
      resume: ({ session, after }, { re }) => init.resume(this, session).resume(this.line.release(), after, re),
      send: (request, call) => this.#correspondence.send(request, call),
      request: (request, call) => this.#correspondence.request(request, call, this.#ended.signal),
      publish: (request, call) => this.#correspondence.publish(request, call),
      subscribe: (request, call) => this.#correspondence.subscribe(request, call, this.#ended.signal),
      unsubscribe: async ({ subscription }, { re }) => this.#correspondence.unsubscribe(subscription, re),
      ping: async ({ n }, { re }) => this.line.tell({ type: 'pong', re, ...(n !== undefined && { n }) }),
    }
  }

  /** How many things are under way of which the client would miss something if the session ended now. */
  get engagements(): number {
    return this.#spaces.size + this.#conversations
  }

  /**
   * Deals with a message. `begun`: the next one may be read. `ended`: its conversation is over. Neither rejects: what
   * is wrong is told to the client.
   */
  receive(body: Uint8Array): { begun: Promise<void>; ended: Promise<void> } {
    const begun = Promise.withResolvers<void>()
    const ended = this.#receive(body, begun.resolve).finally(begun.resolve)
    return { begun: begun.promise, ended }
  }

  /** Goes on with another connection, and sends what was told behind `after`, or else all that can be had. */
  async resume(connection: Connection | undefined, after: string | undefined, re: string): Promise<void> {
    const { line } = this
    line.attach(connection)
    const complete = line.again(after)
    line.tell({ type: 'resumed', re, session: this.session.id, complete })
    if (!complete) await this.#spaces.replay(re)
  }

  /** The session is over. Questions that run go on: what is found stays in the mesh. */
  end(): void {
    this.#ended.abort(new AmpError('stopped', 'the session has ended'))
    this.#spaces.end()
    this.line.release()
  }

  async #receive(body: Uint8Array, begun: () => void): Promise<void> {
    const { peer } = this.#init
    const heard = this.session.hear(body, peer.clock.now())
    try {
      const waitMs = this.#rate.take(peer.clock.now())
      if (waitMs > 0) await sleep(peer.clock, waitMs, this.#ended.signal)
      await this.#do(heard, begun)
    } catch (error) {
      if (!this.#ended.signal.aborted) this.line.tell(errorFor(error, heard.re))
    }
  }

  async #do(heard: Heard, begun: () => void): Promise<void> {
    if ('error' in heard) throw heard.error
    const { said, re } = heard
    const type = said.kind === 'record' ? said.op.k : said.request.type
    this.#init.peer.metrics.count('amp_gateway_received', 1, { type })
    if (said.kind === 'record') return this.#spaces.write(said, re)
    const action = () => this.#handle(said.request, { re, from: said.from, begun })
    return LASTING.has(type) ? this.#conversation(action) : action()
  }

  #handle<T extends GatewayRequestType>(request: GatewayRequest<T>, call: Call): Promise<void> {
    const handler = this.#handlers[request.type as T]
    return handler(request, call)
  }

  async #conversation(action: () => Promise<void>): Promise<void> {
    if (this.#conversations >= GATEWAY_LIMITS.conversations)
      throw new AmpError('busy', `at most ${GATEWAY_LIMITS.conversations} conversations at once; wait for one to end`)
    this.#conversations++
    try {
      await action()
    } finally {
      this.#conversations--
    }
  }

  // ---- what clients ask ---------------------------------------------------------------------------------------------

  async #ask({ type: _, query, ...options }: GatewayRequest<'broadcast'>, { re, from, begun }: Call): Promise<void> {
    const release = this.#init.takeQuestion()
    try {
      const asking = this.#init.peer.ask(query, { ...options, via: from ?? GUEST } as AskOptions)
      for await (const happening of asking) {
        if (happening.type === 'broadcast') {
          const { space, record } = happening
          this.session.wrote(re, record.id)
          this.line.tell({ type: 'said', re, record: record.id, space })
          this.#spaces.follow(space)
          begun()
        } else if (happening.type === 'done') {
          if (this.#init.peer.space(happening.space) !== undefined) this.session.enter(happening.space)
          this.line.tell({ type: 'done', re, ...shownEnd(happening) })
        }
      }
    } finally {
      release()
    }
  }

  /** Questions still open, and those to come, until the session ends. */
  async #listen({ re, begun }: Call): Promise<void> {
    const { peer } = this.#init
    this.line.tell({ type: 'listening', re })
    begun()
    const stop = peer.onInvitation(({ space, genesis, question: asked }) => {
      if (peer.clock.now() < asked.time + genesis.budget.ms) this.line.tell(shownRecord(asked, space))
    })
    await aborted(this.#ended.signal)
    stop()
  }

  async #find({ query, limit, minConfidence }: GatewayRequest<'find'>, { re, begun }: Call): Promise<void> {
    begun()
    let count = 0
    const candidates = this.#init.peer.find(query, {
      ...(limit !== undefined && { limit }),
      ...(minConfidence !== undefined && { minScore: minConfidence }),
      signal: this.#ended.signal,
    })
    for await (const { agent, card, score, capability } of candidates) {
      count++
      this.line.tell({ type: 'candidate', re, from: agent, confidence: score, capability, state: card.state })
    }
    this.line.tell({ type: 'found', re, count })
  }
}
