/** Letters that come: written to disk, then acknowledged; handled in turn; what became of each is told its sender. */
import {
  agentIdOf,
  type Clock,
  DELIVERY_LIMITS,
  type Letter,
  type Logger,
  type Message,
  type Outcome,
  type PeerId,
  type StorageOp,
} from '@amp-mesh/protocol'
import type { Lines } from '../lines.ts'
import { batches } from './batches.ts'
import type { Parking } from './context.ts'
import { creditOf, InboxLine } from './inbox-line.ts'
import { delIn, type LetterStore, type Place, putIn, putKey, putOutcome, putSeen } from './letter-store.ts'
import type { Handled, Receiver } from './receiver.ts'
import { Batch, Tick } from './tick.ts'

export interface InboxInit {
  store: LetterStore
  lines: Pick<Lines, 'post' | 'isLinked'>
  clock: Clock
  logger: Logger
  parking: Parking
}

/** A letter that waits for its turn; its body only while few wait. */
interface Waiting extends Place {
  readonly agent: string
  readonly key: string | undefined
  letter: Letter | undefined
}

/** Letters that were taken and are to be stored. */
interface Arrival {
  readonly peer: PeerId
  readonly line: InboxLine
  readonly letters: readonly Letter[]
}

/** Something a sender is to be told. */
interface News {
  readonly peer: PeerId
  readonly line: InboxLine
  readonly outcomes: readonly Outcome[]
}

/** A full link is tried again after, ms. */
const FULL_MS = 50
/** Bytes of an outcome in a message. */
const sizeOf = ({ result }: Outcome) => 600 + (result?.length ?? 0)

export class Inbox {
  readonly #init: InboxInit
  /** By sender, by epoch. */
  readonly #senders = new Map<PeerId, Map<number, InboxLine>>()
  readonly #receivers = new Map<string, Receiver>()
  /** Letters to agents that do not receive yet, by agent. */
  readonly #unclaimed = new Map<string, Waiting[]>()
  /** Letters with a key that is being handled, behind the one that is. */
  readonly #sameKey = new Map<string, Waiting[]>()
  readonly #arrivals = new Batch<Arrival>(arrivals => this.#store(arrivals))
  readonly #news = new Tick<News>(news => this.#tell(news))
  #waitingLetters = 0
  #openBytes = 0
  #closed = false

  /** Reads what is on the disk; it is handled as soon as somebody receives it. */
  static async open(init: InboxInit): Promise<Inbox> {
    const inbox = new Inbox(init)
    await inbox.#read()
    return inbox
  }

  private constructor(init: InboxInit) {
    this.#init = init
  }

  /** What comes for an agent goes to `receiver` from now on, what has come first. */
  claim(agent: string, receiver: Receiver): void {
    this.#receivers.set(agent, receiver)
    const waiting = this.#unclaimed.get(agent) ?? []
    this.#unclaimed.delete(agent)
    for (const each of waiting) this.#inTurn(each)
  }

  unclaim(agent: string): void {
    this.#receivers.delete(agent)
  }

  receive(from: PeerId, { epoch, after, settled, letters }: Message<'letters'>): void {
    const line = this.#line(from, epoch)
    if (line === undefined) return
    this.#init.store.writeLater(line.settle(settled).map(seq => delIn({ peer: from, epoch, seq })))
    const taken = this.#changing(line, () => line.take(after, letters, this.#room(from)))
    if (taken.length > 0) this.#arrivals.add({ peer: from, line, letters: taken })
    else this.#news.add({ peer: from, line, outcomes: [] })
  }

  /** What it may have missed while it was away. */
  linkUp(peer: PeerId): void {
    for (const line of this.#senders.get(peer)?.values() ?? [])
      this.#news.add({ peer, line, outcomes: line.outcomes() })
  }

  close(): void {
    this.#closed = true
    for (const receiver of this.#receivers.values()) receiver.close()
  }

  async #read(): Promise<void> {
    const { store } = this.#init
    for await (const { peer, epoch, value } of store.seen()) this.#addLine(peer, new InboxLine(epoch, value))
    for await (const { peer, epoch, seq, letter, outcome } of store.in()) {
      const line = this.#senders.get(peer)?.get(epoch)
      if (line === undefined) continue
      if (outcome !== undefined) line.handled(outcome)
      if (letter === undefined) continue
      this.#changing(line, () => line.opened(seq, letter.body.length))
      this.#wait({ peer, epoch }, letter)
    }
  }

  /** Undefined for one sender, or one epoch, too many: its letters are not taken. */
  #line(from: PeerId, epoch: number): InboxLine | undefined {
    const known = this.#senders.get(from)
    const line = known?.get(epoch)
    if (line !== undefined) return line
    if (known === undefined && this.#senders.size >= DELIVERY_LIMITS.senders) return undefined
    const epochs = [...(known?.keys() ?? [])].sort((a, b) => a - b)
    if (epochs.length >= DELIVERY_LIMITS.epochs) {
      const [oldest = 0] = epochs
      // what is older than all that are remembered may have been forgotten, and would be handled a second time
      if (epoch < oldest || known?.get(oldest)?.openCount !== 0) return undefined
      known.delete(oldest)
    }
    return this.#addLine(from, new InboxLine(epoch))
  }

  #addLine(peer: PeerId, line: InboxLine): InboxLine {
    const lines = this.#senders.get(peer) ?? new Map<number, InboxLine>()
    this.#senders.set(peer, lines.set(line.epoch, line))
    return line
  }

  /** Letters that may come of one sender before more are on disk. */
  #room(from: PeerId): number {
    if (this.#openBytes >= DELIVERY_LIMITS.unhandledOfAll) return 0
    return creditOf(this.#senders.get(from)?.values() ?? [])
  }

  /** Keeps count of what waits of all senders together. */
  #changing<T>(line: InboxLine, change: () => T): T {
    const before = line.openBytes
    const result = change()
    this.#openBytes += line.openBytes - before
    return result
  }

  /**
   * One write at a time: were a later one to succeed where an earlier one failed, the sender would be told that all up
   * to the later one is stored.
   */
  async #store(arrivals: readonly Arrival[]): Promise<void> {
    const lasts = new Map(arrivals.map(({ line, letters }) => [line, letters.at(-1)?.seq ?? 0]))
    const ops = arrivals.flatMap(({ peer, line: { epoch }, letters }) =>
      letters.map(letter => putIn({ peer, epoch }, letter)),
    )
    for (const { peer, line } of new Map(arrivals.map(each => [each.line, each])).values())
      ops.push(putSeen(peer, line.epoch, lasts.get(line) ?? 0))
    try {
      await this.#init.store.write(ops)
    } catch (error) {
      this.#init.logger.error('letters could not be stored', { error: String(error) })
      for (const { line } of arrivals) this.#changing(line, () => line.failed())
      return
    }
    for (const { peer, line, letters } of arrivals) {
      line.durable(lasts.get(line) ?? 0)
      this.#news.add({ peer, line, outcomes: [] })
      for (const letter of letters) this.#wait({ peer, epoch: line.epoch }, letter)
    }
  }

  #wait({ peer, epoch }: Omit<Place, 'seq'>, letter: Letter): void {
    const isNear = this.#waitingLetters < DELIVERY_LIMITS.resident * Math.max(1, this.#receivers.size)
    this.#waitingLetters++
    const { seq, to: agent, key, context } = letter
    const waiting = { peer, epoch, seq, agent, key, letter: isNear ? letter : undefined }
    const { parking } = this.#init
    if (context === undefined || parking.held(context) !== undefined) return this.#inTurn(waiting)
    void parking.wait(peer, context).then(() => this.#inTurn(waiting)) // others pass it
  }

  #inTurn(waiting: Waiting): void {
    const receiver = this.#receivers.get(waiting.agent)
    if (receiver !== undefined) return receiver.inTurn(() => this.#handle(waiting, receiver))
    const unclaimed = this.#unclaimed.get(waiting.agent) ?? []
    this.#unclaimed.set(waiting.agent, unclaimed)
    unclaimed.push(waiting)
  }

  async #handle(waiting: Waiting, receiver: Receiver): Promise<void> {
    const { store, logger } = this.#init
    if (this.#closed) return // it is handled when the peer runs again
    if (receiver.isClosed) return this.#inTurn(waiting)
    const scope = waiting.key === undefined ? undefined : `${waiting.peer}/${waiting.agent}/${waiting.key}`
    const same = scope === undefined ? undefined : this.#sameKey.get(scope)
    if (same !== undefined) return void same.push(waiting)
    if (scope !== undefined) this.#sameKey.set(scope, [])
    try {
      const letter = waiting.letter ?? (await store.letterIn(waiting))
      const before = scope === undefined ? undefined : await store.keyed(scope)
      const handled = before ?? (letter && (await this.#call(waiting, letter, receiver)))
      if (handled === undefined || this.#closed) return
      if (receiver.isClosed) return this.#giveBack(waiting, scope)
      void this.#conclude(waiting, scope, { keeps: [], ...handled })
    } catch (error) {
      logger.error('a letter could not be handled', { from: waiting.peer, error: String(error) })
    } finally {
      this.#waitingLetters--
    }
  }

  /** Stopped in its midst: the next who receives for the agent handles it, and those of the same key behind it. */
  #giveBack(waiting: Waiting, scope: string | undefined): void {
    const same = (scope !== undefined && this.#sameKey.get(scope)) || []
    if (scope !== undefined) this.#sameKey.delete(scope)
    this.#waitingLetters++
    for (const each of [waiting, ...same]) this.#inTurn(each)
  }

  #call({ peer, epoch, seq }: Place, letter: Letter, receiver: Receiver): Handled | Promise<Handled> {
    const { by, body, context, deadline, key = `${epoch}-${seq}` } = letter
    const space = context && this.#init.parking.held(context)
    if (context !== undefined && space === undefined) return { code: 'missing-context', keeps: [] }
    const agent = by === undefined ? {} : { agent: agentIdOf(peer, by) }
    return receiver.handle({ body, from: peer, key, deadline, ...agent, ...(space && { space }) })
  }

  /** The outcome, what the handler keeps and the mark of its key become durable in one write, or none of them. */
  async #conclude(at: Waiting, scope: string | undefined, { keeps, result, code, why }: Handled): Promise<void> {
    const { store, clock, logger } = this.#init
    const outcome: Outcome = { seq: at.seq, ...(result && { result }), ...(code && { code }), ...(why && { why }) }
    const ops: StorageOp[] = [...keeps, this.#outcomeOp(at, outcome)]
    if (scope !== undefined) ops.push(putKey(scope, clock.now(), outcome))
    try {
      await store.write(ops)
    } catch (error) {
      return logger.error('an outcome could not be stored', { from: at.peer, error: String(error) })
    }
    const { peer, epoch } = at
    const line = this.#senders.get(peer)?.get(epoch)
    if (line !== undefined) {
      const surplus = this.#changing(line, () => line.handled(outcome))
      store.writeLater(surplus.map(seq => delIn({ peer, epoch, seq })))
      this.#news.add({ peer, line, outcomes: [outcome] })
    }
    if (scope === undefined) return
    // they find what became of the first
    const same = this.#sameKey.get(scope) ?? []
    this.#sameKey.delete(scope)
    for (const each of same) this.#inTurn(each)
  }

  /** Of an outcome nobody waits for only the letter goes. */
  #outcomeOp(at: Place, outcome: Outcome): StorageOp {
    const settled = this.#senders.get(at.peer)?.get(at.epoch)?.settled ?? 0
    return at.seq >= settled ? putOutcome(at, outcome) : delIn(at)
  }

  #tell(news: readonly News[]): void {
    const byLine = new Map<InboxLine, { peer: PeerId; outcomes: Outcome[] }>()
    for (const { peer, line, outcomes } of news) {
      const told = byLine.get(line) ?? { peer, outcomes: [] }
      byLine.set(line, told)
      told.outcomes.push(...outcomes)
    }
    for (const [line, { peer, outcomes }] of byLine) this.#post(peer, line, outcomes)
  }

  #post(peer: PeerId, line: InboxLine, outcomes: readonly Outcome[]): void {
    const { lines, clock } = this.#init
    const { epoch, stored } = line
    const credit = this.#room(peer)
    // what is stored is told even where nothing has come of it yet
    const parts = outcomes.length === 0 ? [[]] : batches(outcomes, sizeOf)
    for (const [n, part] of parts.entries()) {
      if (lines.post(peer, { type: 'receipts', epoch, stored, credit, outcomes: part })) continue
      // without a link all is told when there is one again
      const rest = parts.slice(n).flat()
      if (lines.isLinked(peer)) clock.after(FULL_MS, () => this.#news.add({ peer, line, outcomes: rest }))
      return
    }
  }
}
