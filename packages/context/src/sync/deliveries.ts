/** Stored entries on their way to neighbours: read when they can be sent, one neighbour's answers in order. */
import type { Clock, Logger, LogId, PeerId } from '@amp-mesh/protocol'
import { foreignPieces, opIn } from '../ledger/fork.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { encodeSegment } from '../ledger/segment.ts'
import type { Keeper } from '../store/keeper.ts'
import { NeighbourQueues } from './neighbour-queues.ts'
import { proofMessages } from './sync.ts'
import type { Serve, ServeOps, SyncMessage } from './sync-message.ts'

export interface DeliveriesInit {
  ledger: Ledger
  keeper: Keeper
  clock: Clock
  logger: Logger
  /** False: not taken, the connection is full or gone. */
  send(peer: PeerId, message: SyncMessage): boolean
}

/** Answers that wait for one neighbour. */
const WAITING = 1_024

export class Deliveries {
  readonly #init: DeliveriesInit
  readonly #queues: NeighbourQueues<Serve | ServeOps, SyncMessage>

  constructor(init: DeliveriesInit) {
    const { ledger, logger } = init
    this.#init = init
    this.#queues = new NeighbourQueues({
      ...init,
      waiting: WAITING,
      messages: serve => (serve.type === 'serve' ? this.#entries(serve) : this.#ops(serve)),
      onFailure: error => logger.error('stored entries could not be read', { space: ledger.id, error: String(error) }),
    })
  }

  add(peer: PeerId, serve: Serve | ServeOps): void {
    this.#queues.add(peer, serve)
  }

  /** Resolves when nothing is read any more. */
  end(): Promise<void> {
    return this.#queues.end()
  }

  /** One message an op: one lacks few of them, and together they could be more than a frame. */
  async *#ops({ ops }: ServeOps): AsyncIterable<SyncMessage> {
    const {
      keeper: { store },
      ledger,
    } = this.#init
    for (const [id, seq, n] of ops) {
      const log = ledger.log(id)
      if (log === undefined) continue
      const k = n - log.nextOpAt(seq - 1)
      const beside = log.fork === undefined || log.inTrunk(seq) ? undefined : log.fork
      const op = beside === undefined ? await store.opAt(id, seq, k) : opIn(beside, seq, log.hashAt(seq), k)
      if (op !== undefined) yield { type: 'ops', space: ledger.id, ops: [[id, n, op]] }
    }
  }

  async *#entries({ log, from, to, fork, checkpoint }: Serve): AsyncIterable<SyncMessage> {
    const {
      keeper: { store },
      ledger,
    } = this.#init
    const space = ledger.id
    if (checkpoint) yield* this.#checkpoint(log)
    let next = from
    if (to >= from)
      for await (const { from: first, to: last, bytes } of store.segmentsOf(log, from, to)) {
        this.#miss(log, next, first - 1)
        next = last + 1
        yield { type: 'segment', space, bytes }
      }
    this.#miss(log, next, to)
    const known = fork && ledger.log(log)?.fork
    if (known === undefined) return
    if (fork === 'branches')
      for (const { segment } of foreignPieces(known)) yield { type: 'segment', space, bytes: encodeSegment(segment) }
    const ours = fork === 'proof' ? await store.covering(log, known.at) : undefined
    if (ours !== undefined) yield* proofMessages(space, ours, encodeSegment(known.proof.segment))
  }

  /** What the store should have and has not, if anything: the neighbour asks others for it, and so do we. */
  #miss(id: LogId, from: number, to: number): void {
    const { ledger, logger } = this.#init
    const log = ledger.log(id)
    if (log === undefined || to < Math.max(from, log.trunk.start)) return
    logger.warn('stored entries are lost; others are asked for them', { space: ledger.id, log: id, from, to })
    ledger.losses.note(log, from, to)
  }

  async *#checkpoint(id: LogId): AsyncIterable<SyncMessage> {
    const { ledger, keeper } = this.#init
    const log = ledger.log(id)
    const checkpoint = log && (await keeper.provenCheckpointOf(log))
    if (checkpoint === undefined) return
    const { segment, live } = checkpoint
    const parts = Math.max(1, live.length)
    for (let part = 0; part < parts; part++) {
      const some = live[part]
      yield { type: 'checkpoint', space: ledger.id, segment, part, parts, ...(some !== undefined && { live: some }) }
    }
  }
}
