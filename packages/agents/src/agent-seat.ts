/** An agent at work in one space: its mailbox, its stage, and its calls, one at a time, each with a deadline. */
import {
  AGENT_LIMITS,
  type Agent,
  AmpError,
  type Clock,
  type Logger,
  type Offer,
  orAborted,
  type RecordId,
} from '@amp-mesh/protocol'
import type { Seat } from './agenda.ts'
import { Mailbox } from './mailbox.ts'
import { Supervisor } from './supervisor.ts'

export interface AgentSeatInit {
  agent: Agent
  clock: Clock
  logger: Logger
  /** Aborts when the collaboration ends. */
  signal: AbortSignal
  /** The agent may go on, or failed too often (`parked`). */
  changed(): void
}

export class AgentSeat implements Seat {
  readonly agent: Agent
  readonly mailbox = new Mailbox()
  readonly considered = new Set<RecordId>()
  stage: Seat['stage'] = 'silent'
  /** Its offer to come, and for what: the question or a need. */
  offer: (Offer & { for: RecordId }) | undefined
  /** Contributing, or writing an offer or settle. */
  acting = false
  /** After a failure. */
  #resting = false
  readonly #init: AgentSeatInit
  readonly #supervisor = new Supervisor()
  #calls: Promise<unknown> = Promise.resolve()

  constructor(init: AgentSeatInit) {
    this.#init = init
    this.agent = init.agent
  }

  get busy(): boolean {
    return this.acting || this.#resting
  }

  get name(): string {
    return this.agent.name
  }

  get confidence(): number {
    return this.offer?.confidence ?? 0
  }

  get news(): boolean {
    return !this.mailbox.empty
  }

  get verifies(): boolean {
    return this.agent.verify !== undefined
  }

  /**
   * Calls the agent's own code after its earlier calls ended. Its errors stay here: they are logged, the one that stops
   * it as an error, for whoever runs it has to act, and the result is undefined. `signal` aborts at the deadline, with
   * the collaboration, and when the call is over.
   */
  call<T>(
    what: string,
    action: (signal: AbortSignal) => Promise<T>,
    ms: number = AGENT_LIMITS.contributeMs,
  ): Promise<T | undefined> {
    const result = this.#calls.then(() => this.#run(what, action, ms))
    this.#calls = result
    return result
  }

  async #run<T>(what: string, action: (signal: AbortSignal) => Promise<T>, ms: number): Promise<T | undefined> {
    const { clock, signal: space } = this.#init
    if (space.aborted || this.stage === 'parked') return undefined
    const turn = new AbortController()
    const cancel = clock.after(ms, () => turn.abort(new AmpError('budget-spent', `${what} took longer than ${ms} ms`)))
    const signal = AbortSignal.any([space, turn.signal])
    try {
      return await orAborted(action(signal), signal)
    } catch (error) {
      if (!space.aborted) this.#failed(what, error)
      return undefined
    } finally {
      cancel()
      turn.abort(new AmpError('stopped', 'this turn is over'))
    }
  }

  #failed(what: string, error: unknown): void {
    const { clock, logger } = this.#init
    const told = { agent: this.name, error: String(error) }
    const rest = this.#supervisor.failed(clock.now())
    if (rest === undefined) {
      logger.error(`agent failed in ${what} too often: it takes no further part in this question`, told)
      this.stage = 'parked'
      this.#init.changed()
      return
    }
    logger.warn(`agent failed in ${what}`, told)
    this.#resting = true
    clock.after(rest, () => {
      this.#resting = false
      this.mailbox.lookAgain()
      this.#init.changed()
    })
  }
}
