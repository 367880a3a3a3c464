/** Messages of a tab before the code for them is there: whatever is asked waits for it, in order. */
import type { AgentId, Cancel, Json, Logger } from '@amp-mesh/protocol'
import type { DeliveryState, Receipt } from '../delivery/receipt.ts'
import type { Messages } from '../messaging.ts'
import type { Subscription } from '../subjects/subscription.ts'

/**
 * `open` gives the same promise each time, unless that was rejected. What elsewhere is thrown at once is told later
 * here: to who reads a subscription; of an agent that cannot receive to the log.
 */
export function lateMessages(open: () => Promise<Messages>, logger: Logger): Messages {
  const begin = (start: (messages: Messages) => Cancel): Cancel => {
    const opened = open()
    let cancel: Cancel = () => {}
    opened
      .then(messages => {
        cancel = start(messages)
      })
      .catch(error => logger.error('an agent receives nothing', { error: String(error) }))
    return () => {
      opened.then(() => cancel()).catch(() => {})
    }
  }
  return {
    send: (...given) => new LateReceipt(open().then(messages => messages.send(...given))),
    request: async (...given) => (await open()).request(...given),
    receive: (...given) => begin(messages => messages.receive(...given)),
    publish: async (...given) => (await open()).publish(...given),
    subscribe: (...given) => lateSubscription(open().then(messages => messages.subscribe(...given))),
    connect: async (...given) => (await open()).connect(...given),
    onConnect: (...given) => begin(messages => messages.onConnect(...given)),
  }
}

class LateReceipt implements Receipt {
  readonly #receipt: Promise<Receipt>
  #there: Receipt | undefined
  #hasFailed = false

  constructor(receipt: Promise<Receipt>) {
    this.#receipt = receipt
    receipt.then(
      there => {
        this.#there = there
      },
      () => {
        this.#hasFailed = true
      },
    )
  }

  get to(): Promise<readonly AgentId[]> {
    return this.#receipt.then(({ to }) => to)
  }

  get state(): DeliveryState {
    return this.#hasFailed ? 'failed' : (this.#there?.state ?? 'new')
  }

  get queued(): Promise<void> {
    return this.#receipt.then(({ queued }) => queued)
  }

  get sent(): Promise<void> {
    return this.#receipt.then(({ sent }) => sent)
  }

  get stored(): Promise<void> {
    return this.#receipt.then(({ stored }) => stored)
  }

  get done(): Promise<Json> {
    return this.#receipt.then(({ done }) => done)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<DeliveryState> {
    const there = await this.#receipt.catch(() => undefined)
    if (there === undefined) yield 'failed'
    else yield* there
  }
}

function lateSubscription(subscription: Promise<Subscription>): Subscription {
  let there: Subscription | undefined
  subscription.then(
    opened => {
      there = opened
    },
    () => {}, // whoever reads is told
  )
  return {
    get missed() {
      return there?.missed ?? 0
    },
    async *[Symbol.asyncIterator]() {
      yield* await subscription
    },
  }
}
