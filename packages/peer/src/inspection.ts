/** The inspection stream: what goes on in a peer, told to as many listeners as there are, each with its own bound. */
import { type Clock, PEER_LIMITS } from '@amp-mesh/protocol'
import type { Inspection } from './contract.ts'
import { EventQueue, listening } from './event-queue.ts'

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never
export type Told = WithoutTime<Inspection>

export class Inspections {
  readonly #clock: Clock
  readonly #queues = new Set<EventQueue<Inspection>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  tell(event: Told): void {
    if (this.#queues.size === 0) return
    const inspection: Inspection = { at: this.#clock.now(), ...event }
    for (const queue of this.#queues) queue.push(inspection)
  }

  /** Listens from now on, whether it is read yet or not. */
  stream(signal?: AbortSignal): AsyncIterable<Inspection> {
    const queues = this.#queues
    const queue = new EventQueue<Inspection>(PEER_LIMITS.inspectionBacklog, missed => ({
      at: this.#clock.now(),
      event: 'gap',
      missed,
    }))
    const stop = () => {
      queues.delete(queue)
      queue.end()
    }
    queues.add(queue)
    return listening(queue, stop, signal)
  }

  end(): void {
    for (const queue of this.#queues) queue.end()
  }
}
