/** An agent as others reach it: its handler, and the messages that wait for it. */
import {
  type AgentId,
  AmpError,
  type Clock,
  DELIVERY_LIMITS,
  type Json,
  type PeerId,
  type StorageOp,
} from '@amp-mesh/protocol'
import { encodeBody, readBody } from './body.ts'
import { type LetterStore, putKept } from './letter-store.ts'

/** A message as its handler gets it. */
export interface Received {
  readonly message: Json
  /** Who sent it: its peer, proved; and which of that peer's agents, if it says so. */
  readonly from: PeerId
  readonly agent?: AgentId
  /**
   * Idempotency id: the same when a message is handled again because the process died before its outcome was durable.
   * Unique within the sender.
   */
  readonly key: string
  /** Aborts when the deadline passes or the peer stops. */
  readonly signal: AbortSignal
  /**
   * Notes something under `key` in what this agent keeps on this peer's disk. It is written together with the message's
   * outcome, all or nothing: an effect that is kept so happens once for a message, whatever dies when.
   */
  keep(key: string, value: Json): void
  /** What was kept under `key`. */
  kept(key: string): Promise<Json | undefined>
}

/** Its answer goes back to the sender. What it throws is told as `failed`, with the message of an AmpError only. */
export type Receive = (received: Received) => Json | undefined | Promise<Json | undefined> | void | Promise<void>

/** What came of a handler's call. */
export interface Handled {
  readonly result?: Uint8Array | undefined
  readonly code?: string | undefined
  readonly why?: string | undefined
  readonly keeps: readonly StorageOp[]
}

/** A message that is to be handled. */
export interface Call {
  readonly body: Uint8Array
  readonly from: PeerId
  readonly agent?: AgentId
  readonly key: string
  readonly deadline: number
}

export interface ReceiverInit {
  agent: string
  receive: Receive
  store: LetterStore
  clock: Clock
  /** Messages handled at the same time. */
  atOnce: number
}

export class Receiver {
  readonly #init: ReceiverInit
  readonly #waiting: (() => Promise<void>)[] = []
  readonly #stopped = new AbortController()
  #running = 0

  constructor(init: ReceiverInit) {
    this.#init = init
  }

  /** Runs `action` when it is its turn; in order, as many at once as may be. */
  inTurn(action: () => Promise<void>): void {
    this.#waiting.push(action)
    this.#next()
  }

  /** Aborts what is running, and begins nothing more. */
  close(): void {
    this.#waiting.length = 0
    this.#stopped.abort(new AmpError('stopped', 'this agent receives no more'))
  }

  get isClosed(): boolean {
    return this.#stopped.signal.aborted
  }

  /** Never rejects. */
  async handle({ body, deadline, ...call }: Call): Promise<Handled> {
    const { agent, receive, store, clock } = this.#init
    const now = clock.now()
    if (deadline <= now) return { code: 'expired', keeps: [] }
    const late = new AbortController()
    const cancel = clock.after(Math.min(deadline - now, DELIVERY_LIMITS.handleMs), () =>
      late.abort(new AmpError('expired', 'the handler took too long')),
    )
    const signal = AbortSignal.any([this.#stopped.signal, late.signal])
    const keeps: StorageOp[] = []
    const keep = (key: string, value: Json) => void keeps.push(putKept(agent, key, encodeBody(value)))
    const kept = async (key: string) => {
      const value = await store.kept(agent, key)
      return value && readBody(value)
    }
    try {
      const answer = await orAborted(receive({ ...call, message: readBody(body), signal, keep, kept }), signal)
      return { ...(answer !== undefined && answer !== null && { result: encodeBody(answer) }), keeps }
    } catch (error) {
      const told = error instanceof AmpError
      return { code: told ? codeOf(error) : 'failed', ...(told && { why: error.message.slice(0, 512) }), keeps: [] }
    } finally {
      cancel()
    }
  }

  #next(): void {
    while (this.#running < this.#init.atOnce) {
      const action = this.#waiting.shift()
      if (action === undefined) return
      this.#running++
      void action().finally(() => {
        this.#running--
        this.#next()
      })
    }
  }
}

const codeOf = ({ code }: AmpError) =>
  code === 'bad-message' || code === 'expired' || code === 'busy' ? code : 'failed'

/** What a handler does after the signal is its own affair. */
function orAborted<T>(value: T | Promise<T>, signal: AbortSignal): T | Promise<T> {
  if (!(value instanceof Promise)) return value
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
    if (signal.aborted) stop()
  })
}
