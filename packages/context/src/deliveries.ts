/** Stored entries on their way to neighbours: read when they can be sent, one neighbour's answers in order. */
import type { Clock, Logger, PeerId } from '@amp-mesh/protocol'
import { foreignPieces } from './ledger/fork.ts'
import type { Ledger } from './ledger/ledger.ts'
import { encodeSegment } from './ledger/segment.ts'
import type { SpaceStore } from './store.ts'
import { proofMessages, type Serve, type SyncMessage } from './sync.ts'

export interface DeliveriesInit {
  ledger: Ledger
  store: SpaceStore
  clock: Clock
  logger: Logger
  /** False: not taken, the connection is full or gone. */
  send(peer: PeerId, message: SyncMessage): boolean
}

/** A connection that takes nothing is tried again so often and so long, ms; then the neighbour must ask again. */
const RETRY_MS = 20
const TRIES = 250
/** Answers that wait for one neighbour; more are dropped, and asked for again. */
const WAITING = 1_024

export class Deliveries {
  readonly #init: DeliveriesInit
  readonly #queues = new Map<PeerId, Serve[]>()
  #ended = false

  constructor(init: DeliveriesInit) {
    this.#init = init
  }

  add(peer: PeerId, serve: Serve): void {
    const queue = this.#queues.get(peer)
    if (queue === undefined) {
      this.#queues.set(peer, [serve])
      void this.#work(peer)
    } else if (queue.length < WAITING) queue.push(serve)
  }

  end(): void {
    this.#ended = true
    this.#queues.clear()
  }

  async #work(peer: PeerId): Promise<void> {
    try {
      for (let serve = this.#next(peer); serve !== undefined; serve = this.#next(peer))
        for await (const message of this.#messages(serve)) if (!(await this.#send(peer, message))) return
    } catch (error) {
      this.#init.logger.error('stored entries could not be read', { space: this.#init.ledger.id, error: String(error) })
    } finally {
      this.#queues.delete(peer)
    }
  }

  #next(peer: PeerId): Serve | undefined {
    return this.#queues.get(peer)?.shift()
  }

  async *#messages({ log, from, to, fork }: Serve): AsyncIterable<SyncMessage> {
    const { store, ledger } = this.#init
    const space = ledger.id
    if (to >= from)
      for await (const { bytes } of store.segmentsOf(log, from, to)) yield { type: 'segment', space, bytes }
    const known = fork && ledger.log(log)?.fork
    if (known === undefined) return
    if (fork === 'branches')
      for (const { segment } of foreignPieces(known)) yield { type: 'segment', space, bytes: encodeSegment(segment) }
    const ours = fork === 'proof' ? await store.covering(log, known.at) : undefined
    if (ours !== undefined) yield* proofMessages(space, ours, encodeSegment(known.proof.segment))
  }

  async #send(peer: PeerId, message: SyncMessage): Promise<boolean> {
    for (let tries = 0; tries < TRIES && !this.#ended; tries++) {
      if (this.#init.send(peer, message)) return true
      await new Promise<void>(resolve => this.#init.clock.after(RETRY_MS, resolve))
    }
    return false
  }
}
