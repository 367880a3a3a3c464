/** Letters on their way out: on disk, then sent while their receivers are linked, again until they are stored there. */
import {
  type AgentId,
  AmpError,
  type Cancel,
  type Clock,
  DELIVERY_LIMITS,
  type Letter,
  type Logger,
  type Message,
  type PeerId,
  parseAgentId,
  type Random,
} from '@amp-mesh/protocol'
import type { Lines } from '../lines.ts'
import { batches } from './batches.ts'
import { readBody } from './body.ts'
import { failure } from './failure.ts'
import { delOut, type LetterStore, putNext, putOut } from './letter-store.ts'
import { OutboxLine, type Queued } from './outbox-line.ts'
import { LetterReceipt } from './receipt.ts'
import { Tick } from './tick.ts'
import { nameOf, newWay, settledOf, type Way } from './way.ts'

/** What is shed first when too much waits: `bulk` from half of the bounds on, `normal` from nine tenths. */
export type LetterClass = 'urgent' | 'normal' | 'bulk'
const SHARE: Readonly<Record<LetterClass, number>> = { urgent: 1, normal: 0.9, bulk: 0.5 }

export interface OutboxInit {
  store: LetterStore
  lines: Pick<Lines, 'post' | 'isLinked' | 'want'>
  clock: Clock
  random: Random
  logger: Logger
}

interface Fresh {
  way: Way
  letter: Letter
  receipt: LetterReceipt
}

export type NewLetter = Omit<Letter, 'seq' | 'to'>

/** Between two looks for letters whose deadline has passed, ms. */
const LOOK_MS = 500
/** A full link is tried again after, ms. */
const FULL_MS = 50
/** Bytes of a letter in a message: much around its body are names. */
const sizeOf = ({ body, context }: Letter) => body.length + 400 + 40 * (context?.heads.length ?? 0)

export class Outbox {
  readonly #init: OutboxInit
  readonly #epoch: number
  readonly #ways = new Map<string, Way>()
  readonly #fresh = new Tick<Fresh>(fresh => void this.#store(fresh))
  readonly #departing = new Set<Way>()
  #bytes = 0
  #look: Cancel | undefined
  #closed = false

  /** Reads what waits on the disk. */
  static async open(init: OutboxInit): Promise<Outbox> {
    const outbox = new Outbox(init, await init.store.epoch())
    await outbox.#read()
    outbox.#lookLater()
    return outbox
  }

  private constructor(init: OutboxInit, epoch: number) {
    this.#init = init
    this.#epoch = epoch
  }

  /** Never throws: what goes wrong the receipt tells. */
  send(to: AgentId, letter: NewLetter, { as = 'normal', signal }: { as?: LetterClass; signal?: AbortSignal } = {}) {
    const receipt = new LetterReceipt([to])
    const { peer, name } = parseAgentId(to)
    const way = this.#way(peer, this.#epoch)
    const refusal = signal?.aborted ? withdrawn() : this.#refusal(way, letter, as)
    if (refusal !== undefined) {
      receipt.failed(refusal)
      return receipt
    }
    const numbered = way.line.add({ ...letter, to: name })
    this.#bytes += letter.body.length
    way.receipts.set(numbered.seq, { receipt, deadline: letter.deadline })
    this.#fresh.add({ way, letter: numbered, receipt })
    signal?.addEventListener('abort', () => this.#withdraw(way, numbered.seq), { once: true })
    return receipt
  }

  receive(from: PeerId, { epoch, stored, credit, outcomes }: Message<'receipts'>): void {
    const way = this.#ways.get(nameOf(from, epoch))
    if (way === undefined) return
    const done = way.line.stored(stored, credit)
    if (done.length > 0) way.attempts = 0
    this.#forget(way, done)
    for (const { seq } of done) way.receipts.get(seq)?.receipt.reached('stored')
    for (const outcome of outcomes) this.#settle(way, outcome)
    this.#retryLater(way)
    this.#depart(way)
  }

  linkUp(peer: PeerId): void {
    for (const way of this.#waysTo(peer)) {
      way.line.linkUp()
      this.#depart(way)
    }
  }

  linkDown(peer: PeerId): void {
    for (const way of this.#waysTo(peer)) {
      way.line.linkDown()
      way.retry?.()
      way.retry = undefined
    }
  }

  /** What is queued stays queued, for the next start. */
  close(): void {
    this.#closed = true
    this.#look?.()
    for (const way of this.#ways.values()) {
      way.retry?.()
      for (const { receipt } of way.receipts.values())
        receipt.failed(new AmpError('stopped', 'the peer was stopped; what it queued goes on when it is started again'))
    }
  }

  async #read(): Promise<void> {
    const { store, lines } = this.#init
    const next = new Map<string, number>()
    for await (const { peer, epoch, value } of store.next()) next.set(nameOf(peer, epoch), value)
    const found = new Map<string, { peer: PeerId; epoch: number; letters: Queued[] }>()
    for await (const { peer, epoch, letter } of store.out()) {
      const name = nameOf(peer, epoch)
      const line = found.get(name) ?? { peer, epoch, letters: [] }
      found.set(name, line)
      const { seq, deadline, body } = letter
      line.letters.push({ seq, deadline, size: body.length, letter: undefined })
      this.#bytes += body.length
    }
    for (const [name, value] of next) {
      const [peer = '', epoch] = name.split(' ')
      const letters = found.get(name)?.letters ?? []
      if (letters.length > 0 || Number(epoch) === this.#epoch) {
        this.#ways.set(name, newWay(peer, new OutboxLine(Number(epoch), value, letters)))
        if (letters.length > 0) lines.want(peer)
      }
    }
  }

  #refusal(way: Way, { deadline, body }: NewLetter, as: LetterClass): AmpError | undefined {
    const share = SHARE[as]
    if (this.#closed) return new AmpError('stopped', 'the peer was stopped')
    if (deadline <= this.#init.clock.now()) return expired()
    if (way.line.size < share * DELIVERY_LIMITS.queued)
      if (this.#bytes + body.length <= share * DELIVERY_LIMITS.queuedBytes) return undefined
    return new AmpError('busy', `too much waits for ${way.peer} or for others: send again when it has gone`)
  }

  async #store(fresh: readonly Fresh[]): Promise<void> {
    const { store, lines, logger } = this.#init
    const ways = new Set(fresh.map(({ way }) => way))
    const letters = fresh.map(({ way, letter }) => putOut({ peer: way.peer, epoch: way.line.epoch }, letter))
    const nexts = [...ways].map(({ peer, line }) => putNext(peer, line.epoch, line.next))
    try {
      await store.write([...letters, ...nexts])
    } catch (error) {
      logger.error('letters could not be stored', { error: String(error) })
      for (const { way, letter, receipt } of fresh) {
        this.#bytes -= way.line.withdraw(letter.seq)?.size ?? 0
        way.receipts.delete(letter.seq)
        receipt.failed(new AmpError('internal', 'the disk refused the message', String(error)))
      }
    }
    for (const { way, letter, receipt } of fresh) {
      way.line.durable(letter.seq)
      receipt.reached('queued')
    }
    for (const way of ways) {
      lines.want(way.peer)
      this.#depart(way)
    }
  }

  /** Sends what may go, with all else that may go this turn. */
  #depart(way: Way): void {
    if (this.#departing.size === 0)
      queueMicrotask(() => {
        const ways = [...this.#departing]
        this.#departing.clear()
        for (const each of ways) this.#sendAll(each)
      })
    this.#departing.add(way)
  }

  #sendAll(way: Way): void {
    const { lines, clock } = this.#init
    if (this.#closed || !lines.isLinked(way.peer)) return
    const departure = way.line.departure()
    if (departure === undefined) return
    const ready = departure.queued.flatMap(({ letter }) => letter ?? [])
    if (ready.length < departure.queued.length) return void this.#readAgain(way, departure.queued)
    let after = departure.after
    for (const letters of batches(ready, sizeOf)) {
      const message = { type: 'letters', epoch: way.line.epoch, after, settled: settledOf(way), letters } as const
      if (!lines.post(way.peer, message)) {
        clock.after(FULL_MS, () => this.#depart(way))
        break
      }
      after = letters.at(-1)?.seq ?? after
      way.line.departed(after)
      for (const { seq } of letters) way.receipts.get(seq)?.receipt.reached('sent')
    }
    if (way.retry === undefined) this.#retryLater(way)
  }

  /** Bodies of letters that waited behind many others. */
  async #readAgain(way: Way, queued: readonly Queued[]): Promise<void> {
    if (way.reading) return
    way.reading = true
    try {
      const bySeq = new Map(queued.map(each => [each.seq, each]))
      const [first, last] = [queued[0]?.seq ?? 0, queued.at(-1)?.seq ?? 0]
      for await (const letter of this.#init.store.lettersOut(way.peer, way.line.epoch, first, last)) {
        const waiting = bySeq.get(letter.seq)
        if (waiting !== undefined) waiting.letter = letter
      }
      // whatever the disk does not hold any more can't be sent
      for (const each of queued) if (each.letter === undefined) this.#fail(way, each, lost())
      this.#depart(way)
    } catch (error) {
      this.#init.logger.error('letters could not be read', { error: String(error) })
    } finally {
      way.reading = false
    }
  }

  #retryLater(way: Way): void {
    way.retry?.()
    way.retry = undefined
    if (this.#closed || way.line.inFlight === 0) return
    const { retryBaseMs, retryCapMs } = DELIVERY_LIMITS
    const most = Math.min(retryCapMs, retryBaseMs * 2 ** way.attempts)
    way.retry = this.#init.clock.after(most * (0.5 + this.#init.random.float() / 2), () => {
      way.retry = undefined
      way.attempts++
      way.line.sendAgain()
      this.#depart(way)
    })
  }

  #settle(way: Way, { seq, result, code, why }: Message<'receipts'>['outcomes'][number]): void {
    const waiting = way.receipts.get(seq)
    if (waiting === undefined) return
    way.receipts.delete(seq)
    waiting.receipt.reached('stored')
    try {
      if (code === undefined) waiting.receipt.answered(result === undefined ? null : readBody(result))
      else waiting.receipt.failed(failure(code, why))
    } catch {
      waiting.receipt.failed(new AmpError('bad-message', 'the answer could not be read'))
    }
  }

  /** What was sent once stays: it may be there already. */
  #withdraw(way: Way, seq: number): void {
    const state = way.receipts.get(seq)?.receipt.state
    const queued = state === 'new' || state === 'queued' ? way.line.withdraw(seq) : undefined
    if (queued !== undefined) this.#fail(way, queued, withdrawn())
  }

  #fail(way: Way, queued: Queued, error: AmpError): void {
    way.line.withdraw(queued.seq)
    this.#forget(way, [queued])
    way.receipts.get(queued.seq)?.receipt.failed(error)
    way.receipts.delete(queued.seq)
  }

  #forget({ peer, line }: Way, queued: readonly Queued[]): void {
    for (const { size } of queued) this.#bytes -= size
    this.#init.store.writeLater(queued.map(({ seq }) => delOut({ peer, epoch: line.epoch, seq })))
  }

  #lookLater(): void {
    this.#look = this.#init.clock.after(LOOK_MS, () => {
      const now = this.#init.clock.now()
      for (const way of this.#ways.values()) {
        for (const queued of way.line.expire(now)) this.#fail(way, queued, expired())
        for (const [seq, { receipt, deadline }] of way.receipts)
          if (deadline <= now && receipt.state === 'stored') {
            receipt.failed(expired())
            way.receipts.delete(seq)
          }
      }
      this.#lookLater()
    })
  }

  #way(peer: PeerId, epoch: number): Way {
    const name = nameOf(peer, epoch)
    const known = this.#ways.get(name)
    if (known !== undefined) return known
    const way = newWay(peer, new OutboxLine(epoch))
    if (this.#init.lines.isLinked(peer)) way.line.linkUp()
    this.#ways.set(name, way)
    return way
  }

  #waysTo(peer: PeerId): Way[] {
    return [...this.#ways.values()].filter(way => way.peer === peer)
  }
}

const expired = () => new AmpError('expired', 'the deadline passed before the message was handled')
const withdrawn = () => new AmpError('stopped', 'the message was withdrawn before it was sent')
const lost = () => new AmpError('internal', 'the message is not on the disk any more')
