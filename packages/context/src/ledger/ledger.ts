/**
 * The ledger of a space: signed logs behind rules R1 to R10 of CONTEXT.md §5, in order. No store, no network. It holds
 * an index and the records; the bytes of what it took in are handed on in its changes, for the store to keep.
 */
import {
  AmpError,
  decodeGenesis,
  fromBase64url,
  type Genesis,
  type Hash,
  type Head,
  type LogId,
  logIdOf,
  type PublicKey,
  type Rec,
  type RecordId,
  type SpaceId,
  spaceIdOf,
  toBase64url,
  type Verify,
} from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import { Acks, finalSeq } from './acks.ts'
import { authorsOf, verifiersOf } from './authors.ts'
import { isWithinBounds } from './bounds.ts'
import { ChangeLog, type Changes } from './changes.ts'
import { type Draft, draftOf } from './draft.ts'
import { recordsOf } from './entry-records.ts'
import { Forgetting, type Hole } from './forgetting.ts'
import { type Fork, homeOf, isKnown } from './fork.ts'
import { Forks } from './forks.ts'
import { Hasher, type Links } from './hasher.ts'
import { headOf } from './head.ts'
import { type History, type Piece, partingOf } from './history.ts'
import { Log } from './log.ts'
import type { Outcome, Verdict } from './outcome.ts'
import { costOf, decodeSegment, type Entry, isForgotten, type Segment, tailOf } from './segment.ts'
import { Deferred, WaitingRoom } from './waiting-room.ts'

export interface LedgerInit {
  genesis: Uint8Array
  verify: Verify
  /** Default: the portable one. */
  hash?: Hash
  /** ms since the epoch; only R9 asks it. */
  now(): number
  /** The holder's own key: its log is held and shown here before anybody admitted it. */
  self?: PublicKey
}

export class Ledger {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly acks: Acks
  readonly forks: Forks
  readonly #hasher: Hasher
  readonly #init: LedgerInit
  readonly #logs = new Map<LogId, Log>()
  /** The same logs, by key and epoch. */
  readonly #byAuthor = new Map<PublicKey, Log[]>()
  readonly #waiting = new WaitingRoom()
  readonly #deferred = new Deferred()
  #authors: ReadonlySet<PublicKey>
  readonly #forgetting = new Forgetting()
  readonly #changes = new ChangeLog()

  constructor(init: LedgerInit) {
    this.#init = init
    this.genesis = decodeGenesis(init.genesis)
    this.id = spaceIdOf(init.genesis)
    this.#hasher = new Hasher(this.id, init.hash)
    this.#authors = authorsOf(this.genesis, [])
    this.acks = new Acks(verifiersOf(this.genesis))
    this.forks = new Forks(this.genesis, this.acks, this.#hasher)
  }

  /** Applies the rules in order to a segment from anywhere. Never throws. */
  ingest(bytes: Uint8Array): Verdict {
    let segment: Segment
    const own = bytes.slice() // what is handed to the store shares its memory
    try {
      segment = decodeSegment(own) // R1
    } catch {
      return { outcome: 'bad-segment' }
    }
    return { outcome: this.#judge(segment, own), segment }
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
    const log = this.#byAuthor.get(this.#init.self)?.[epoch] ?? new Log(this.id, fromBase64url(this.#init.self), epoch)
    return draftOf(log, ops, this.#init.now(), this.#hasher, this.genesis.limits)
  }

  /** Ops that are counted here, but whose bytes are missing: while there are any, the space is not in sync. */
  holes(): Iterable<Hole> {
    return this.#forgetting.holes()
  }

  /** Takes the bytes of a missing op; true if they were. */
  fill(id: LogId, n: number, bytes: Uint8Array): boolean {
    const hole = this.#forgetting.holeAt(id, n)
    const log = this.#logs.get(id)
    if (hole === undefined || log === undefined) return false
    const leaves = this.#hasher.leaves([bytes])
    if (this.#hasher.recordId(log.ascii, n, leaves, 0) !== hole.id) return false
    this.#forgetting.fill(hole)
    const place = { id, ascii: log.ascii, by: log.by, seq: hole.seq, nextOp: n }
    const entry = { time: log.trunk.timeAt(hole.seq) as number, ops: [bytes] }
    const { records } = recordsOf(place, entry, leaves, this.#hasher, this.genesis.limits)
    for (const record of records) log.insert(record)
    this.#changes.op({ log: id, seq: hole.seq, k: n - log.trunk.nextOpAt(hole.seq - 1), bytes })
    this.#heed(records)
    return true
  }

  /** Throws `bad-input` for what is no key. */
  idOf(pub: PublicKey, epoch: number): LogId {
    return this.#byAuthor.get(pub)?.[epoch]?.id ?? logIdOf(this.id, fromBase64url(pub), epoch)
  }

  log(id: LogId): Log | undefined {
    return this.#logs.get(id)
  }

  /** Logs whose records count. */
  *logs(): Iterable<Log> {
    for (const log of this.#logs.values()) if (this.#isVisible(log)) yield log
  }

  /** All records that count, in order of log and number. */
  *records(): Iterable<Rec | Opaque> {
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

  /** The last entry of a log that a quorum of verifiers holds; -1 if there is none. */
  finalSeq(log: Log): number {
    return finalSeq(log, this.acks.of(log.id), this.forks, log.by)
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
    const log = this.#byAuthor.get(by)?.[epoch] ?? new Log(this.id, pub, epoch)
    const histories = [log.trunk, ...(log.fork?.others ?? [])]
    if (histories.every(({ end }) => from > end + 1)) return 'gap' // R5
    const links = this.#hasher.of(segment)
    const piece = { segment, hashes: links.hashes }
    const home = homeOf(histories, piece)
    if (fallsBack(entries, home?.timeAt(from - 1) ?? 0)) return 'time-backwards' // R5b
    if (home !== undefined && isKnown(home, piece)) return this.#refill(log, segment) // R6a: the chain covers the rest
    if (!this.#init.verify(segment.signature, links.hashes.at(-1) as Uint8Array, pub)) return 'bad-signature' // R6b
    if (home === undefined) return 'branch' // R7: signed, but where it parts from our chain is yet to be found
    const at = partingOf(home, piece)
    if (log.fork === undefined && at <= home.end) return this.#fork(log, piece)
    if (home.spentAt(at - 1) + costOf(entries.slice(at - from)) > limits.quota) return 'quota' // R8
    if (log.fork !== undefined) return this.#collect(log, log.fork, home, piece, links, bytes) // R4
    if ((entries.at(-1)?.time ?? 0) > this.#init.now() + limits.skewMs) return this.#defer(segment, bytes) // R9
    this.#accept(log, segment, links, bytes)
    return 'added'
  }

  #accept(log: Log, segment: Segment, links: Links, bytes: Uint8Array): void {
    const isNew = log.length === 0
    const fresh = this.#extend(log, segment, links, bytes)
    if (isNew) this.#hold(log)
    this.#heed(fresh)
  }

  /** New records take effect. */
  #heed(fresh: readonly (Rec | Opaque)[]): void {
    this.#changes.add(fresh)
    for (const record of fresh) {
      if (isAck(record)) this.#acknowledge(record)
      if (record.op?.k === 'retract' && record.op.erase === true) this.#erase(record.op.of, record.by)
    }
    if (fresh.some(record => record.op?.k === 'admit')) this.#readmit()
  }

  /** R11: what its author wants forgotten goes, wherever it is. */
  #erase(id: RecordId, by: PublicKey): void {
    this.#forgetting.erase(id, by)
    for (const log of this.#byAuthor.get(by) ?? []) {
      const record = log?.remove(id)
      if (log === undefined || record === undefined) continue
      this.#forget(log, record)
      this.#changes.reset()
      if (record.op?.k === 'admit') this.#readmit()
    }
  }

  #forget(log: Log, { id, seq, n }: Rec | Opaque): void {
    this.#forgetting.lack({ log: log.id, by: log.by, seq, n, id })
    this.#changes.op({ log: log.id, seq, k: n - log.trunk.nextOpAt(seq - 1) })
  }

  /** R11: a segment we hold may have what we lack of it. */
  #refill(log: Log, { from, entries }: Segment): Outcome {
    for (const [i, { ops }] of entries.entries())
      for (const [k, op] of ops.entries())
        if (!isForgotten(op)) this.fill(log.id, log.trunk.nextOpAt(from + i - 1) + k, op)
    return 'duplicate'
  }

  /** The trunk of a log goes on with what is new in a segment. */
  #extend(log: Log, segment: Segment, { hashes, leaves }: Links, bytes: Uint8Array): (Rec | Opaque)[] {
    const { trunk, id, ascii, by } = log
    const from = trunk.end + 1
    const fresh: (Rec | Opaque)[] = []
    for (let i = from - segment.from; i < segment.entries.length; i++) {
      const entry = segment.entries[i] as Entry
      const place = { id, ascii, by, seq: trunk.end + 1, nextOp: trunk.nextOpAt(trunk.end) }
      const read = recordsOf(place, entry, leaves[i] as Uint8Array, this.#hasher, this.genesis.limits)
      const records = read.records.filter(record => !this.#forgetting.isErased(record.id, by))
      const spent = trunk.spentAt(trunk.end) + costOf([entry])
      const link = { hash: hashes[i] as Uint8Array, time: entry.time, spent, nextOp: place.nextOp + entry.ops.length }
      log.extend(link, records)
      fresh.push(...records)
      for (const hole of read.lacking) this.#forgetting.lack(hole)
      if (records.length < read.records.length)
        for (const record of read.records) if (!records.includes(record)) this.#forget(log, record)
    }
    this.#changes.store({ log: id, from, bytes: from === segment.from ? bytes : tailOf(segment, from, hashes) })
    return fresh
  }

  /** The author signed two histories: both are kept, and what counts of them is decided alike on every replica. */
  #fork(log: Log, piece: Piece): Outcome {
    const { broken, logs } = this.forks
    const before = broken.size
    this.forks.open(log, piece)
    this.#changes.fork(log.id)
    this.#changes.reset()
    // a verifier's broken word changes what its silence means for all other forks
    for (const each of broken.size > before ? logs : [log]) this.#resolve(each)
    this.#readmit()
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
    this.#changes.reset()
    this.#readmit()
  }

  #acknowledge(record: Rec<'ack'>): void {
    this.acks.add(record)
    for (const [id] of record.op.heads) {
      const log = this.#logs.get(id)
      if (log !== undefined) this.#resolve(log)
    }
  }

  #hold(log: Log): void {
    this.#logs.set(log.id, log)
    const own = this.#byAuthor.get(log.by) ?? []
    this.#byAuthor.set(log.by, own)
    own[log.epoch] = log
  }

  /** A key nobody admitted: its word waits if it is truly its own, so that nobody fills the room in its name. */
  #wait(segment: Segment, bytes: Uint8Array, by: PublicKey): Outcome {
    if (!this.genesis.open || segment.epoch >= this.genesis.limits.epochsPerAuthor) return 'not-a-writer'
    const hash = this.#hasher.of(segment).hashes.at(-1) as Uint8Array
    if (!this.#init.verify(segment.signature, hash, segment.pub)) return 'bad-signature'
    this.#waiting.add(toBase64url(hash), by, bytes)
    return 'not-a-writer'
  }

  #defer(segment: Segment, bytes: Uint8Array): Outcome {
    const due = (segment.entries.at(-1)?.time ?? 0) - this.genesis.limits.skewMs
    this.#deferred.add(due, bytes)
    return 'deferred'
  }

  /** Computes the authors again. Lost ones lose their records, new ones get what waited of them. */
  #readmit(): void {
    const before = this.#authors
    this.#authors = authorsOf(this.genesis, this.logs())
    const gained = [...this.#authors].filter(by => !before.has(by))
    if ([...before].some(by => !this.#authors.has(by))) this.#changes.reset()
    // an author that was lost and comes back has its logs here already
    if ([...this.#logs.values()].some(log => gained.includes(log.by))) this.#changes.reset()
    for (const by of gained) for (const bytes of this.#waiting.take(by)) this.ingest(bytes)
  }

  #isVisible(log: Log): boolean {
    return this.isAuthor(log.by) && log.epoch <= this.forks.lastEpoch(log.by)
  }
}

const isAck = (record: Rec | Opaque): record is Rec<'ack'> => record.op?.k === 'ack'
const fallsBack = (entries: Segment['entries'], since: number) =>
  entries.some((entry, i) => entry.time < (entries[i - 1]?.time ?? since))
