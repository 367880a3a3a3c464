/** An agent as others reach it: its handler, and the messages that wait for it. */
import {
  type AgentId,
  AmpError,
  type Clock,
  DELIVERY_LIMITS,
  type Json,
  type Mail,
  orAborted,
  type PeerId,
  type Reply,
  type StorageOp,
} from '@amp-mesh/protocol'
import type { Space } from '../contract.ts'
import { encodeBody, readBody } from './body.ts'
import { type LetterStore, putKept } from './letter-store.ts'

/** A message as its handler gets it. */
export interface Received extends Mail {
  /** The space the message is about, if it names one: this peer holds at least what the sender held of it. */
  readonly space?: Space
}

/** Its answer goes back to the sender. What it throws is told as `failed`, with the message of an AmpError only. */
export type Receive = (received: Received) => Reply

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
  readonly space?: Space
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

  /** Aborts what is running, and hands nothing more to the agent; whoever waits for a turn gets it at once. */
  close(): void {
    this.#stopped.abort(new AmpError('stopped', 'this agent receives no more'))
  }

  get isClosed(): boolean {
    return this.#stopped.signal.aborted
  }

  /** Never rejects. */
  async handle({ body, deadline, ...call }: Call): Promise<Handled> {
    const { agent, receive, store, clock } = this.#init
    const now = clock.now()
    if (this.isClosed) return { code: 'unknown-agent', keeps: [] }
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
      const answering = Promise.resolve(receive({ ...call, message: readBody(body), signal, keep, kept }))
      const answer = await orAborted(answering, signal)
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
