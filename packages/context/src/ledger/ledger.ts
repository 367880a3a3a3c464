/**
 * The ledger of a space: signed logs behind rules R1 to R10 of CONTEXT.md §5, in order. No store, no network. It holds
 * an index and the records; the bytes of what it took in are handed on in its changes, for the store to keep.
 */
import {
  AmpError,
  decodeGenesis,
  fromBase64url,
  type Genesis,
  type Head,
  type Kind,
  type LogId,
  logIdOf,
  type PublicKey,
  type Rec,
  type SpaceId,
  spaceIdOf,
  toBase64url,
} from '@amp-mesh/protocol'
import { Acks } from './acks.ts'
import { Authors, verifiersOf } from './authors.ts'
import { isWithinBounds } from './bounds.ts'
import { ChangeLog, type Changes } from './changes.ts'
import { noteCheckpoint, recheckCheckpoints, usedAt } from './checkpoint.ts'
import { Checkpoints } from './checkpoints.ts'
import { type Draft, draftOf } from './draft.ts'
import { extended, type Reading } from './extension.ts'
import { Forgetting } from './forgetting.ts'
import { type Fork, homeOf, isKnown } from './fork.ts'
import { Forks } from './forks.ts'
import { Hasher, type Links } from './hasher.ts'
import { headOf } from './head.ts'
import { type History, type Piece, partingOf } from './history.ts'
import type { LedgerInit } from './ledger-init.ts'
import type { AnyRecord, LiveOp } from './live-records.ts'
import { Log } from './log.ts'
import { Logs } from './logs.ts'
import { Losses } from './losses.ts'
import type { Outcome, Verdict } from './outcome.ts'
import { costOf, decodeSegment, fallsBack, type Segment, tailOf } from './segment.ts'
import { Deferred, dueAt, WaitingRoom } from './waiting-room.ts'

export class Ledger {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly acks: Acks
  readonly checkpoints: Checkpoints
  readonly forgetting: Forgetting
  readonly forks: Forks
  readonly losses: Losses
  readonly #hasher: Hasher
  readonly #init: LedgerInit
  readonly #logs = new Logs()
  readonly #waiting = new WaitingRoom()
  readonly #deferred = new Deferred()
  readonly #authors: Authors
  readonly #reading: Reading
  readonly #changes = new ChangeLog()

  constructor(init: LedgerInit) {
    this.#init = init
    this.genesis = decodeGenesis(init.genesis)
    this.id = spaceIdOf(init.genesis)
    this.#hasher = new Hasher(this.id, init.hash)
    this.#authors = new Authors(this.genesis)
    this.acks = new Acks(verifiersOf(this.genesis))
    this.forks = new Forks(this.genesis, this.acks, this.#hasher)
    this.forgetting = new Forgetting(this.#hasher, this.genesis.limits, this.#changes, this.forks.logs)
    this.losses = new Losses({ verify: init.verify, changes: this.#changes, forgetting: this.forgetting })
    this.#reading = { hasher: this.#hasher, limits: this.genesis.limits, forgetting: this.forgetting }
    const parts = { space: this.id, genesis: this.genesis, verify: init.verify, hasher: this.#hasher }
    this.checkpoints = new Checkpoints({ ...parts, acks: this.acks, bench: this.forks })
  }

  /** Applies the rules in order to a segment from anywhere. Never throws. Nobody may write to `bytes` any more. */
  ingest(bytes: Uint8Array): Verdict {
    let segment: Segment
    try {
      segment = decodeSegment(bytes) // R1
    } catch {
      return { outcome: 'bad-segment' }
    }
    return { outcome: this.#judge(segment, bytes), segment }
  }

  /** Begins a log at a checkpoint; it counts once a quorum of verifiers stands behind that. `bytes`: see `ingest`. */
  adopt(bytes: Uint8Array, live: readonly LiveOp[]): Verdict {
    const opened = this.checkpoints.open(bytes, live)
    if ('outcome' in opened) return opened
    const { log, records, segment, links } = opened
    if (!this.takes(log.by, log.epoch)) return { outcome: 'not-a-writer', segment }
    if (dueAt(segment, this.genesis.limits) > this.#init.now()) return { outcome: 'deferred', segment }
    const before = this.log(log.id)
    if (before !== undefined && !this.checkpoints.isBeyond(before, opened)) return { outcome: 'duplicate', segment }
    if (before !== undefined) this.drop(before)
    this.#logs.add(log)
    this.#changes.checkpoint({ log: log.id, segment: bytes, live })
    this.#heed(log, records)
    this.#accept(log, segment, links, bytes)
    if (before !== undefined) this.#recount()
    return { outcome: 'added', segment }
  }

  /** Lets go of what came before the last checkpoint of a log that is proven. */
  prune(log: Log): void {
    if (this.checkpoints.prune(log)) this.#changes.reset()
  }

  /** Tries again what came from the future and is due now. */
  retryDeferred(): void {
    for (const bytes of this.#deferred.take(this.#init.now())) this.ingest(bytes)
  }

  /** What changed since the last call. */
  takeChanges(): Changes {
    return this.#changes.take()
  }

  /** An own entry after the end of the own log of `epoch`. Throws `quota`, `too-large`, `frozen`. */
  prepare(epoch: number, ops: readonly Uint8Array[]): Draft {
    if (this.#init.self === undefined) throw new AmpError('bad-input', 'this ledger has no key of its own')
    const log = this.#logs.find(this.#init.self, epoch) ?? new Log(this.id, fromBase64url(this.#init.self), epoch)
    return draftOf(log, ops, this.#init.now(), this.#hasher, this.genesis.limits)
  }

  /** Logs that begin with a checkpoint which no quorum stands behind yet. */
  unvouched(): Log[] {
    return [...this.#logs.all()].filter(log => !log.vouched)
  }

  drop(log: Log): void {
    this.#logs.drop(log)
    this.forgetting.drop(log)
  }

  /** Takes the bytes of a missing op; true if they were. */
  fill(id: LogId, n: number, bytes: Uint8Array): boolean {
    const log = this.#logs.get(id)
    const records = log && this.forgetting.fill(log, n, bytes)
    if (log === undefined || records === undefined) return false
    this.#heed(log, records)
    recheckCheckpoints(log, this.forgetting)
    return true
  }

  /** Throws `bad-input` for what is no key. */
  idOf(pub: PublicKey, epoch: number): LogId {
    return this.#logs.find(pub, epoch)?.id ?? logIdOf(this.id, fromBase64url(pub), epoch)
  }

  log(id: LogId): Log | undefined {
    return this.#logs.get(id)
  }

  /** Logs whose records count. */
  *logs(): Iterable<Log> {
    for (const log of this.#logs.all()) if (this.#isVisible(log)) yield log
  }

  /** All records that count, in order of log and number. */
  *records(): Iterable<AnyRecord> {
    for (const log of this.logs()) yield* log.records
  }

  /** What others compare. Of a forked log, `seq` is the fork point and `hash` that of the entry before it. */
  heads(): Head[] {
    return [...this.logs()].filter(log => log.length > 0 || log.fork !== undefined).map(headOf)
  }

  isAuthor(pub: PublicKey): boolean {
    return pub === this.#init.self || this.#authors.has(pub)
  }

  /** Whether the space takes what `pub` writes: verifier, writer, or admitted. */
  isAdmitted(pub: PublicKey): boolean {
    return this.#authors.has(pub)
  }

  /** False for logs this ledger would not take a segment of, whatever it holds. */
  takes(pub: PublicKey, epoch: number): boolean {
    return this.isAuthor(pub) && epoch < this.genesis.limits.epochsPerAuthor && epoch <= this.forks.lastEpoch(pub)
  }

  /** Authors proven to have forked a log. */
  forkedAuthors(): ReadonlySet<PublicKey> {
    return new Set(this.forks.authors())
  }

  /** Keys whose signed segments wait for an admission. */
  waitingKeys(): ReadonlySet<PublicKey> {
    return this.#waiting.keys()
  }

  #judge(segment: Segment, bytes: Uint8Array): Outcome {
    const { pub, epoch, from, entries } = segment
    const { limits } = this.genesis
    if (!isWithinBounds(segment, limits)) return 'bad-segment' // R1
    const by = toBase64url(pub)
    if (!this.isAuthor(by)) return this.#wait(segment, bytes, by) // R2
    if (epoch >= limits.epochsPerAuthor) return 'too-many-epochs' // R3
    if (epoch > this.forks.lastEpoch(by)) return 'frozen'
    const log = this.#logs.find(by, epoch) ?? new Log(this.id, pub, epoch)
    if (from + entries.length <= log.trunk.start) return 'pruned'
    if (from < log.trunk.start) {
      const tail = tailOf(segment, log.trunk.start, this.#hasher.of(segment).hashes)
      return this.#judge(decodeSegment(tail), tail)
    }
    const histories = [log.trunk, ...(log.fork?.others ?? [])]
    if (histories.every(({ end }) => from > end + 1)) return 'gap' // R5
    const links = this.#hasher.of(segment)
    const piece = { segment, hashes: links.hashes }
    const home = homeOf(histories, piece)
    if (fallsBack(entries, home?.timeAt(from - 1) ?? 0)) return 'time-backwards' // R5b
    if (home !== undefined && isKnown(home, piece)) return this.#refill(log, segment, links) // R6a: the chain covers it
    if (!this.#init.verify(segment.signature, links.hashes.at(-1) as Uint8Array, pub)) return 'bad-signature' // R6b
    if (home === undefined) return 'branch' // R7: signed, but where it parts from our chain is yet to be found
    const at = partingOf(home, piece)
    const isOther = at <= home.end || home !== log.trunk
    if (log.fork === undefined && isOther) return this.#fork(log, piece)
    if (usedAt(log, home.spentAt(at - 1)) + costOf(entries.slice(at - from)) > limits.quota) return 'quota' // R8
    if (log.fork !== undefined) return this.#collect(log, log.fork, home, piece, links, bytes) // R4
    const due = dueAt(segment, limits)
    if (due > this.#init.now()) return this.#deferred.add(due, bytes) // R9
    this.#accept(log, segment, links, bytes)
    return 'added'
  }

  #accept(log: Log, segment: Segment, links: Links, bytes: Uint8Array): void {
    const isNew = log.length === 0
    const fresh = this.#extend(log, segment, links, bytes)
    if (isNew) this.#logs.add(log)
    this.#heed(log, fresh)
    this.#vouch(log)
  }

  /** A checkpoint counts from the moment on that a quorum stands behind it, and so does a log that begins with one. */
  #vouch(log: Log): void {
    this.checkpoints.settle(log)
    if (log.vouched || this.checkpoints.provenOf(log) === undefined) return
    log.vouched = true
    this.#changes.add(log.records)
    this.#readmit()
  }

  /** R11: a segment we hold may have what we lack of it, or what our store lost. */
  #refill(log: Log, segment: Segment, links: Links): Outcome {
    this.#heed(log, this.forgetting.refill(log, segment))
    recheckCheckpoints(log, this.forgetting)
    if (this.forks.mend(log, { segment, hashes: links.hashes })) this.#changes.fork(log.id)
    return this.losses.regain(log, segment, links)
  }

  /** New records take effect. */
  #heed(log: Log, fresh: readonly AnyRecord[]): void {
    if (this.#isVisible(log)) this.#changes.add(fresh)
    for (const record of fresh) {
      if (isA(record, 'ack')) this.#acknowledge(record)
      if (isA(record, 'ckpt')) noteCheckpoint(log, record, this.forgetting, this.genesis.limits)
      if (isA(record, 'retract') && record.op.erase === true) this.#erase(record)
    }
    if (fresh.some(record => record.op?.k === 'admit')) this.#readmit()
  }

  /** R11: what its author wants forgotten goes, wherever it is. */
  #erase(word: Rec<'retract'>): void {
    if (this.forgetting.erase(word, this.#logs.of(word.by))) this.#changes.reset()
  }

  /** The trunk of a log goes on with what is new in a segment. */
  #extend(log: Log, segment: Segment, links: Links, bytes: Uint8Array): readonly AnyRecord[] {
    const from = log.trunk.end + 1
    const isAll = from === segment.from
    this.#changes.store({ log: log.id, from, bytes: isAll ? bytes : tailOf(segment, from, links.hashes) })
    return extended(log, segment, links, this.#reading)
  }

  /** The author signed two histories: both are kept, and what counts of them is decided alike on every replica. */
  #fork(log: Log, piece: Piece): Outcome {
    const { broken, logs } = this.forks
    const before = broken.size
    this.forks.open(log, piece)
    this.#changes.fork(log.id)
    // a verifier's broken word changes what its silence means for all other forks
    for (const each of broken.size > before ? logs : [log]) if (this.forks.resolve(each)) this.#changes.fork(each.id)
    this.#recount()
    return 'fork'
  }

  /** R4: a forked log takes nothing but what belongs to its histories. */
  #collect(log: Log, { at }: Fork, home: History, piece: Piece, links: Links, bytes: Uint8Array): Outcome {
    if (home === log.trunk && partingOf(home, piece) > home.end) this.#extend(log, piece.segment, links, bytes)
    else this.forks.widen(log, home, piece)
    this.#changes.fork(log.id)
    this.#resolve(log)
    return log.fork !== undefined && log.fork.at < at ? 'fork' : 'kept'
  }

  /** Decides again what counts of a forked log. */
  #resolve(log: Log): void {
    if (!this.forks.resolve(log)) return
    this.#changes.fork(log.id)
    this.#recount()
  }

  /** Other words count than before: so may other admissions and erasures. */
  #recount(): void {
    this.#changes.reset()
    this.#readmit()
    for (const log of this.forks.logs) this.forks.resolve(log, true)
    for (const log of this.#logs.all()) this.checkpoints.settle(log)
    this.forgetting.reconsider([...this.logs()])
  }

  #acknowledge(record: Rec<'ack'>): void {
    this.acks.add(record)
    for (const [id] of record.op.heads) {
      const log = this.#logs.get(id)
      if (log?.fork !== undefined) this.#resolve(log)
      else if (log !== undefined) this.#vouch(log)
    }
  }

  /** A key nobody admitted: its word waits if it is truly its own, so that nobody fills the room in its name. */
  #wait(segment: Segment, bytes: Uint8Array, by: PublicKey): Outcome {
    if (!this.genesis.open || segment.epoch >= this.genesis.limits.epochsPerAuthor) return 'not-a-writer'
    const hash = this.#hasher.of(segment).hashes.at(-1) as Uint8Array
    if (!this.#init.verify(segment.signature, hash, segment.pub)) return 'bad-signature'
    this.#waiting.add(toBase64url(hash), by, bytes)
    return 'not-a-writer'
  }

  /** Computes the authors again. Lost ones lose their records, new ones get what waited of them. */
  #readmit(): void {
    const { gained, lost } = this.#authors.update(this.logs())
    // an author that was lost and comes back has its logs here already
    if (lost || gained.some(by => this.#logs.of(by).length > 0)) {
      this.#changes.reset()
      this.forgetting.reconsider([...this.logs()])
    }
    for (const by of gained) for (const bytes of this.#waiting.take(by)) this.ingest(bytes)
  }

  #isVisible(log: Log): boolean {
    return log.vouched && this.isAuthor(log.by) && log.epoch <= this.forks.lastEpoch(log.by)
  }
}

const isA = <K extends Kind>(record: AnyRecord, k: K): record is Rec<K> => record.op?.k === k
