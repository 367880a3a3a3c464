/** What becomes of a message that was sent: its states, each to be waited for. */
import { type AgentId, AmpError, type Json } from '@amp-mesh/protocol'

/**
 * queued: durable on this peer's disk; it will be sent until its deadline, over restarts of either side.
 * sent: written to a link to its peer.
 * stored: durable on the receiver's disk, and known here to be.
 * done: its handler has answered, and that is durable there.
 * failed: the receiver says why it was not handled, or this peer why it was not taken. expired: its deadline passed.
 */
export type DeliveryState = 'new' | 'queued' | 'sent' | 'stored' | 'done' | 'failed' | 'expired'

/**
 * `await receipt.stored`, `const answer = await receipt.done`, or iterate it for the states as they are reached. A
 * state that will not be reached any more rejects with AmpError: `expired`, or the code of the failure.
 */
export interface Receipt extends AsyncIterable<DeliveryState> {
  /** Resolves with who it goes to: at once, or when the agents that fit are found. */
  readonly to: Promise<readonly AgentId[]>
  readonly state: DeliveryState
  readonly queued: Promise<void>
  readonly sent: Promise<void>
  readonly stored: Promise<void>
  /** With the handler's answer, null if it gave none; of a message to several agents a list, in the order of `to`. */
  readonly done: Promise<Json>
}

const ORDER: readonly DeliveryState[] = ['new', 'queued', 'sent', 'stored', 'done']
const rank = (state: DeliveryState) => ORDER.indexOf(state)

interface Waiting {
  readonly for: DeliveryState
  resolve(): void
  reject(error: unknown): void
}

/** States in order, as far as they are reached; in the end the one in which it failed. */
async function* states(receipt: Receipt): AsyncGenerator<DeliveryState> {
  for (const state of ['queued', 'sent', 'stored', 'done'] as const) {
    const isReached = await receipt[state].then(
      () => true,
      () => false,
    )
    yield isReached ? state : receipt.state
    if (!isReached) return
  }
}

/** The receipt of one letter, moved on by the outbox. */
export class LetterReceipt implements Receipt {
  readonly to: Promise<readonly AgentId[]>
  /** The furthest state it came to; a failure ends it there. */
  #reached: DeliveryState = 'new'
  #answer: Json = null
  #error: AmpError | undefined
  #waiting: Waiting[] = []

  constructor(to: readonly AgentId[] | Promise<readonly AgentId[]> = []) {
    this.to = Promise.resolve(to)
  }

  /** Of a message that was not taken at all. */
  static refused(error: unknown): LetterReceipt {
    const receipt = new LetterReceipt()
    receipt.failed(error instanceof AmpError ? error : new AmpError('bad-input', String(error), undefined, error))
    return receipt
  }

  get state(): DeliveryState {
    if (this.#error === undefined) return this.#reached
    return this.#error.code === 'expired' ? 'expired' : 'failed'
  }

  get queued(): Promise<void> {
    return this.#reaches('queued')
  }

  get sent(): Promise<void> {
    return this.#reaches('sent')
  }

  get stored(): Promise<void> {
    return this.#reaches('stored')
  }

  get done(): Promise<Json> {
    return this.#reaches('done').then(() => this.#answer)
  }

  [Symbol.asyncIterator](): AsyncIterator<DeliveryState> {
    return states(this)
  }

  /** Never goes back: letters are sent again, and news may come late. */
  reached(state: 'queued' | 'sent' | 'stored'): void {
    this.#move(state)
  }

  answered(answer: Json): void {
    this.#answer = answer
    this.#move('done')
  }

  failed(error: AmpError): void {
    if (this.#error !== undefined || this.#reached === 'done') return
    this.#error = error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  #move(state: DeliveryState): void {
    if (this.#error !== undefined || rank(state) <= rank(this.#reached)) return
    this.#reached = state
    const waiting = this.#waiting
    this.#waiting = waiting.filter(each => rank(each.for) > rank(state))
    for (const each of waiting) if (rank(each.for) <= rank(state)) each.resolve()
  }

  #reaches(state: DeliveryState): Promise<void> {
    if (rank(state) <= rank(this.#reached)) return Promise.resolve()
    if (this.#error !== undefined) return Promise.reject(this.#error)
    return new Promise((resolve, reject) => this.#waiting.push({ for: state, resolve, reject }))
  }
}

/** The receipt of a message to agents that are still to be found: a state is reached when all copies reached it. */
export class FoundReceipt implements Receipt {
  readonly to: Promise<readonly AgentId[]>
  readonly #copies: Promise<readonly Receipt[]>
  readonly #many: boolean
  #found: readonly Receipt[] = []
  #hasFailed = false

  /** `many`: the answer is a list. */
  constructor(copies: Promise<readonly Receipt[]>, many: boolean) {
    this.#copies = copies
    this.#many = many
    this.to = copies.then(async found => (await Promise.all(found.map(({ to }) => to))).flat())
    copies.then(
      found => {
        this.#found = found
      },
      () => {
        this.#hasFailed = true
      },
    )
    this.to.catch(() => undefined) // whoever asks for it is told
  }

  get state(): DeliveryState {
    if (this.#hasFailed) return 'failed'
    const states = this.#found.map(({ state }) => state)
    return states.find(state => rank(state) < 0) ?? ORDER[Math.min(...states.map(rank))] ?? 'new'
  }

  get queued(): Promise<void> {
    return this.#all(({ queued }) => queued)
  }

  get sent(): Promise<void> {
    return this.#all(({ sent }) => sent)
  }

  get stored(): Promise<void> {
    return this.#all(({ stored }) => stored)
  }

  get done(): Promise<Json> {
    return this.#copies
      .then(found => Promise.all(found.map(({ done }) => done)))
      .then(answers => (this.#many ? answers : (answers[0] ?? null)))
  }

  [Symbol.asyncIterator](): AsyncIterator<DeliveryState> {
    return states(this)
  }

  async #all(wait: (receipt: Receipt) => Promise<void>): Promise<void> {
    await Promise.all((await this.#copies).map(wait))
  }
}
