/** What waits to be read and sent to each neighbour: one job after the other, at the pace of its connection. */
import { type Clock, type PeerId, sleep } from '@amp-mesh/protocol'

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
  readonly #working = new Set<Promise<void>>()
  readonly #ending = new AbortController()

  constructor(init: NeighbourQueuesInit<Job, Message>) {
    this.#init = init
  }

  add(peer: PeerId, job: Job): void {
    if (this.#ending.signal.aborted) return
    const queue = this.#queues.get(peer)
    if (queue === undefined) {
      this.#queues.set(peer, [job])
      const work = this.#work(peer).finally(() => this.#working.delete(work))
      this.#working.add(work)
    } else if (queue.length < this.#init.waiting) queue.push(job)
  }

  /** Nothing more is sent; when it resolves nothing is read any more either, so that the store can be closed. */
  async end(): Promise<void> {
    this.#ending.abort()
    this.#queues.clear()
    await Promise.all(this.#working)
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
    const { signal } = this.#ending
    for (let tries = 0; tries < TRIES && !signal.aborted; tries++) {
      if (this.#init.send(peer, message)) return true
      await sleep(this.#init.clock, RETRY_MS, signal).catch(() => {})
    }
    return false
  }
}
