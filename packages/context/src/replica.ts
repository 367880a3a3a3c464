/** A space as one peer holds it: ledger, store, sync and index. Nothing is shown or sent before it is durable. */
import {
  AmpError,
  type Cancel,
  type Genesis,
  type LogId,
  type Op,
  type PeerId,
  type Rec,
  type SpaceId,
  spaceIdOf,
} from '@amp-mesh/protocol'
import { FirstWord } from './first-word.ts'
import type { Changes } from './ledger/changes.ts'
import { Ledger } from './ledger/ledger.ts'
import type { Outcome, Verdict } from './ledger/outcome.ts'
import { type Listener, Listeners } from './listeners.ts'
import { type LogView, logView } from './log-view.ts'
import { type Append, OwnLog, type Written } from './own-log.ts'
import { Records } from './records.ts'
import type { ReplicaInit } from './replica-init.ts'
import { Rescue } from './rescue.ts'
import { Keeper } from './store/keeper.ts'
import { Conversation } from './sync/conversation.ts'
import { Deliveries } from './sync/deliveries.ts'
import type { Outgoing, SyncMessage } from './sync/sync-message.ts'
import { Timers } from './timers.ts'
import { Acknowledgements } from './verifier/acknowledgements.ts'
import { Admissions } from './verifier/admissions.ts'
import { Clerk } from './verifier/clerk.ts'
import { question } from './views/question.ts'
import { voteCheck } from './votes.ts'

/** One thing to do in a turn; it yields messages, which leave once the turn is durable. */
interface Task {
  run(): readonly Outgoing[]
  done(): void
}

/** How long changes gather before neighbours are told, ms; half of it by chance, so that not all tell at once. */
const ANNOUNCE_MS = 60
/** How often to look for what is overdue (asked, deferred, waiting), ms; every so many times all heads are told. */
const TICK_MS = 1_000
const TICKS_PER_HEADS = 10
/** Tasks waiting for their turn, and done in one. Above, messages are dropped: the next heads make up for them. */
const INBOX = 4_096
const TASKS_PER_TURN = 512

export class Replica {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly records: Records
  readonly #init: ReplicaInit
  readonly #ledger: Ledger
  readonly #keeper: Keeper
  readonly #own: OwnLog
  readonly #admissions: Admissions
  readonly #acknowledgements: Acknowledgements
  readonly #clerk: Clerk
  readonly #conversation: Conversation
  readonly #rescue: Rescue
  readonly #deliveries: Deliveries
  readonly #listeners: Listeners
  readonly #timers: Timers
  readonly #firstWord: FirstWord
  readonly #unannounced = new Set<LogId>()
  readonly #inbox: Task[] = []
  readonly #appends: Append[] = []
  #turns: Promise<void> | undefined
  #question: Uint8Array | undefined
  #ticks = 0
  /** Why it takes nothing any more: closed, or its store failed. */
  #ended: AmpError | undefined

  /** Opens a space from what is stored of it; stores its genesis when it is new. */
  static async open(init: ReplicaInit): Promise<Replica> {
    const replica = new Replica(init)
    await replica.#load()
    replica.#tick()
    return replica
  }

  private constructor(init: ReplicaInit) {
    this.#init = init
    this.id = spaceIdOf(init.genesis)
    const { genesis, verify, hash, clock, identity, logger } = init
    const self = identity.publicKey
    this.#ledger = new Ledger({ genesis, verify, ...(hash && { hash }), now: () => clock.now(), self })
    this.genesis = this.#ledger.genesis
    this.records = new Records(voteCheck(this.id, verify))
    this.#keeper = new Keeper({ ...init, ledger: this.#ledger })
    this.#own = new OwnLog(this.#ledger, identity)
    this.#conversation = new Conversation(this.#ledger, this.id, init)
    this.#deliveries = new Deliveries({ ...init, ledger: this.#ledger, keeper: this.#keeper })
    this.#listeners = new Listeners(this.id, init.logger)
    this.#timers = new Timers(clock)
    const { random, mayAdmit = () => false } = init
    const wake = () => this.#wake()
    const world = { ledger: this.#ledger, own: this.#own.ids, self, timers: this.#timers, clock, random, wake }
    this.#firstWord = new FirstWord({ ...world, own: this.#own, conversation: this.#conversation })
    if (init.founded) this.#firstWord.free()
    this.#rescue = new Rescue({
      ...world,
      records: this.records,
      append: ops => this.append(ops),
      onFailure: error => logger.warn('a fork took words that could not be said again', { error: String(error) }),
    })
    this.#acknowledgements = new Acknowledgements({ ...world, write: op => this.#note(op, 'could not acknowledge') })
    this.#admissions = new Admissions({ ...world, mayAdmit: pub => mayAdmit(pub) })
    this.#clerk = new Clerk({
      ...init,
      ...world,
      records: this.records,
      ownLogs: this.#own.ids,
      conversation: this.#conversation,
      write: op => this.#note(op, 'could not vote or certify'),
    })
  }

  /**
   * Says something: resolves with its records once they are durable, then they are sent. Calls of one tick share an
   * entry. A verifier's support of a record carries its vote, where a slot of that is free. Rejects with `bad-input`,
   * `too-large`, `quota`, `frozen`, or `stopped` / `damaged-store` when the replica has ended.
   */
  append(ops: readonly Op[]): Promise<Rec[]> {
    return this.#clerk.isFor(ops) ? this.#clerk.voting(ops).then(voted => this.#say(voted)) : this.#say(ops)
  }

  #say(ops: readonly Op[]): Promise<Rec[]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended
      this.#appends.push({ ops: this.#own.encode(ops), resolve, reject })
      this.#wake()
    })
  }

  /** Takes a neighbour's message; resolves when it is dealt with. Never rejects: strikes are told to `onStrike`. */
  receive(from: PeerId, message: SyncMessage): Promise<void> {
    return this.#enqueue(() => this.#conversation.handle(from, message))
  }

  /** A peer of this space came into reach, or left it. Who sends a message counts as present. */
  neighbour(peer: PeerId, present: boolean): void {
    void this.#enqueue(() => (present ? this.#conversation.meet(peer) : this.#conversation.leave(peer)))
  }

  /** Calls `listener` with records as they become durable, own ones too; with none when a fork took some away. */
  subscribe(listener: Listener): Cancel {
    return this.#listeners.add(listener)
  }

  /** Takes a segment that came by another way, as the question inside a broadcast does. Resolves when it is durable. */
  async importSegment(bytes: Uint8Array): Promise<Outcome | undefined> {
    let verdict: Verdict | undefined
    await this.#enqueue(() => {
      verdict = this.#ledger.ingest(bytes)
      return []
    })
    return verdict?.outcome
  }

  /** The founder's signed segment with the question, to go inside a broadcast; undefined until the question is here. */
  questionSegment(): Uint8Array | undefined {
    return this.#question
  }

  /** The logs whose records count: how far each is held here, and how far by a quorum. */
  logs(): LogView[] {
    return [...this.#ledger.logs()].map(log => logView(log, this.#ledger))
  }

  /** Whether others take what this peer writes: it is a verifier or writer, or was admitted. */
  get admitted(): boolean {
    return this.#ledger.isAdmitted(this.#init.identity.publicKey)
  }

  /**
   * Says again, in the next epoch, what a fork of our own log took away: two of us wrote under this key, or our disk
   * was set back. Done by itself some seconds after a fork was found; resolves with the new records, with none the
   * second time.
   */
  rescue(): Promise<Rec[]> {
    return this.#rescue.now()
  }

  /** Writes what was appended, then ends; the store can be closed when it resolves. */
  async close(): Promise<void> {
    this.#firstWord.free()
    this.#ended ??= new AmpError('stopped', 'this space was closed')
    this.#wake()
    await this.#turns
    this.#timers.stop()
    this.#listeners.clear()
    await this.#deliveries.end()
  }

  // ---- turns: one after the other; each takes what waits, makes it durable, then tells ------------------------------

  #enqueue(run: () => readonly Outgoing[]): Promise<void> {
    return new Promise(done => {
      if (this.#ended !== undefined || this.#inbox.length >= INBOX) return done()
      this.#inbox.push({ run, done })
      this.#wake()
    })
  }

  #wake(): void {
    this.#turns ??= this.#takeTurns()
  }

  async #takeTurns(): Promise<void> {
    await undefined // calls of one tick share a turn
    do await this.#turn()
    while (this.#inbox.length > 0 || (this.#appends.length > 0 && this.#firstWord.isFree()))
    this.#turns = undefined
  }

  async #turn(): Promise<void> {
    const tasks = this.#inbox.splice(0, TASKS_PER_TURN)
    const outgoing = tasks.flatMap(task => task.run())
    for (const op of this.#admissions.due()) this.#note(op, 'could not admit a key')
    const appends = this.#appends.length > 0 && this.#firstWord.isFree() ? this.#appends.splice(0) : []
    const written = await this.#own.write(appends)
    const changes = this.#ledger.takeChanges()
    const failed = await this.#persist(changes)
    if (failed === undefined) await this.#publish(changes, written, outgoing)
    else for (const { append } of written.flatMap(entry => entry.appends)) append.reject(failed)
    for (const task of tasks) task.done()
  }

  /** Resolves with the error that ended the replica, if the store failed. */
  async #persist(changes: Changes): Promise<AmpError | undefined> {
    try {
      await this.#keeper.keep(changes)
      return undefined
    } catch (error) {
      return this.#fail(error)
    }
  }

  /** After the write: index, tell those who asked, those who listen, and the neighbours. */
  async #publish(changes: Changes, written: readonly Written[], outgoing: readonly Outgoing[]): Promise<void> {
    const news = changes.reset ? this.records.reset(this.#ledger.records()) : this.records.add(changes.records)
    if (changes.forks.length > 0) this.records.noteForks(this.#ledger.forkedAuthors())
    if (news.some(({ op }) => op.k === 'broadcast') || changes.reset) await this.#recallQuestion()
    for (const { append, records } of written.flatMap(entry => entry.appends)) append.resolve(records)
    if (news.length > 0 || changes.reset) this.#listeners.tell(news)
    const pushed = written.flatMap(({ log, segment }) => this.#conversation.push(log, segment))
    for (const [peer, what] of [...outgoing, ...pushed])
      if (what.type === 'serve' || what.type === 'serve_ops') this.#deliveries.add(peer, what)
      else this.#init.send(peer, what)
    this.#acknowledgements.note(changes.reset ? this.#ledger.records() : changes.records)
    this.#clerk.lookSoon()
    this.#rescue.note(changes.forks)
    this.#announceSoon([...changes.segments.map(({ log }) => log), ...changes.forks])
  }

  /** The ledger is ahead of the disk now: nothing more is taken, said or sent. Reopening starts from the disk. */
  #fail(cause: unknown): AmpError {
    const ended = new AmpError(
      'damaged-store',
      'the data folder could not be written; free disk space or check its permissions, then start again',
      String(cause),
      cause,
    )
    this.#init.logger.error('a space could not be stored', { space: this.id, error: String(cause) })
    this.#ended = ended
    this.#timers.stop()
    for (const append of this.#appends.splice(0)) append.reject(ended)
    for (const task of this.#inbox.splice(0)) task.done()
    return ended
  }

  // ---- time ---------------------------------------------------------------------------------------------------------

  #tick(): void {
    this.#timers.after('tick', TICK_MS, () => {
      this.#ticks++
      this.#clerk.lookSoon()
      void this.#enqueue(() => {
        this.#ledger.retryDeferred()
        const isRound = this.#ticks % TICKS_PER_HEADS === 0
        return [
          ...this.#conversation.remind(),
          ...(isRound ? this.#conversation.tellAll() : this.#conversation.wantAll()),
        ]
      })
      this.#tick()
    })
  }

  #announceSoon(logs: readonly LogId[]): void {
    for (const log of logs) this.#unannounced.add(log)
    if (this.#unannounced.size === 0 || this.#timers.has('announce')) return
    this.#timers.after('announce', (ANNOUNCE_MS * (1 + this.#init.random.float())) / 2, () => {
      const changed = [...this.#unannounced]
      this.#unannounced.clear()
      void this.#enqueue(() => this.#conversation.announce(changed))
    })
  }

  /** Writes the ledger's own bookkeeping, which nobody waits for. */
  #note(op: Op, failure: string): void {
    this.append([op]).catch(error => {
      if (this.#ended === undefined) this.#init.logger.warn(failure, { space: this.id, error: String(error) })
    })
  }

  // ---- opening ------------------------------------------------------------------------------------------------------

  async #load(): Promise<void> {
    const loaded = await this.#keeper.load(this.#init.genesis)
    for (const epoch of this.#own.check(loaded))
      this.#init.logger.warn('own log lost its end; going on in the next epoch', { space: this.id, epoch })
    this.records.reset(this.#ledger.records())
    this.records.noteForks(this.#ledger.forkedAuthors())
    this.#acknowledgements.note(this.#ledger.records())
    this.#rescue.note(this.logs().flatMap(({ id, fork }) => (fork === undefined ? [] : [id])))
    await this.#recallQuestion()
  }

  async #recallQuestion(): Promise<void> {
    const asked = question(this.records, this.genesis)
    this.#question = asked && (await this.#keeper.store.firstSegment(asked.log, 0, asked.seq))
  }
}
