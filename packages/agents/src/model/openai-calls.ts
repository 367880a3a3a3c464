/** Calls to one endpoint of the OpenAI API, with our own retries and deadlines (F11). */
import { type Clock, type Random, sleep } from '@amp-mesh/protocol'
import OpenAI from 'openai'
import { deadlineOf, type Watch } from './deadline.ts'
import { type Endpoint, failureOf } from './openai-failure.ts'
import { RetryBudget } from './retry-budget.ts'

export interface OpenAiCallsInit extends Endpoint {
  clock: Clock
  random: Random
  /** One call with all its retries, ms. */
  deadlineMs: number
}

export class OpenAiCalls {
  readonly client: OpenAI
  readonly #init: OpenAiCallsInit
  readonly #budget: RetryBudget

  constructor(init: OpenAiCallsInit) {
    this.#init = init
    this.#budget = new RetryBudget(init.random)
    this.client = new OpenAI({
      baseURL: init.baseURL,
      apiKey: init.apiKey,
      // The client retries a stalled call for half an hour and times nothing once headers came: both are done here.
      maxRetries: 0,
      timeout: init.deadlineMs,
      logLevel: 'off',
      // In a tab the key is the one its owner typed in for this peer.
      dangerouslyAllowBrowser: true,
    })
  }

  /** What `once` resolves with, tried again where that is worth it. Rejects with AmpError `model-failed`. */
  async call<T>(once: (watch: Watch) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { clock, deadlineMs } = this.#init
    using watch = deadlineOf(clock, deadlineMs, signal)
    this.#budget.called()
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(watch)
      } catch (error) {
        const wait = watch.signal.aborted ? undefined : this.#budget.waitFor(error, attempt, watch.left())
        if (wait === undefined) throw failureOf(watch.signal.aborted ? watch.signal.reason : error, this.#init)
        watch.pause()
        await sleep(clock, wait, watch.signal).catch(reason => {
          throw failureOf(reason, this.#init)
        })
      }
    }
  }
}
