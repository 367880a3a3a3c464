/** What waits to be read and sent to each neighbour: one job after the other, at the pace of its connection. */
import type { Clock, PeerId } from '@amp-mesh/protocol'

export interface NeighbourQueuesInit<Job, Message> {
  clock: Clock
  /** Jobs that wait for one neighbour; more are dropped, and asked for again. */
  waiting: number
  /** What a job comes to, in order. */
  messages(job: Job): AsyncIterable<Message>
  /** False: not taken, the connection is full or gone. */
  send(peer: PeerId, message: Message): boolean
  /** What a job came to could not be read: what else waits for that neighbour is dropped. */
  onFailure(error: unknown): void
}

/** A connection that takes nothing is tried again so often and so long, ms; then the neighbour must ask again. */
const RETRY_MS = 20
const TRIES = 250

export class NeighbourQueues<Job, Message> {
  readonly #init: NeighbourQueuesInit<Job, Message>
  readonly #queues = new Map<PeerId, Job[]>()
  #ended = false

  constructor(init: NeighbourQueuesInit<Job, Message>) {
    this.#init = init
  }

  add(peer: PeerId, job: Job): void {
    const queue = this.#queues.get(peer)
    if (queue === undefined) {
      this.#queues.set(peer, [job])
      void this.#work(peer)
    } else if (queue.length < this.#init.waiting) queue.push(job)
  }

  end(): void {
    this.#ended = true
    this.#queues.clear()
  }

  async #work(peer: PeerId): Promise<void> {
    try {
      for (let job = this.#next(peer); job !== undefined; job = this.#next(peer))
        for await (const message of this.#init.messages(job)) if (!(await this.#send(peer, message))) return
    } catch (error) {
      this.#init.onFailure(error)
    } finally {
      this.#queues.delete(peer)
    }
  }

  #next(peer: PeerId): Job | undefined {
    return this.#queues.get(peer)?.shift()
  }

  async #send(peer: PeerId, message: Message): Promise<boolean> {
    for (let tries = 0; tries < TRIES && !this.#ended; tries++) {
      if (this.#init.send(peer, message)) return true
      await new Promise<void>(resolve => this.#init.clock.after(RETRY_MS, resolve))
    }
    return false
  }
}
