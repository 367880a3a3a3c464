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
  type SpaceId,
  spaceIdOf,
  toBase64url,
  type Verify,
} from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import { Acks } from './acks.ts'
import { adoptedOf } from './adoption.ts'
import { authorsOf, verifiersOf } from './authors.ts'
import { Branch } from './branch.ts'
import { ChangeLog, type Changes } from './changes.ts'
import { recordsOf } from './entry-records.ts'
import { type Fork, homeOf, isKnown, openFork, widened } from './fork.ts'
import { Forks } from './forks.ts'
import { Hasher, type Links } from './hasher.ts'
import { headOf } from './head.ts'
import { type History, type Piece, partingOf } from './history.ts'
import { Log } from './log.ts'
import type { Outcome, Verdict } from './outcome.ts'
import { resolve } from './resolution.ts'
import { costOf, decodeSegment, type Entry, encodeSegment, isForgotten, opsLength, type Segment } from './segment.ts'
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

/** An own entry that needs its signature. */
export interface Draft {
  readonly hash: Uint8Array
  /** The segment to ingest. */
  finish(signature: Uint8Array): Uint8Array
}

export class Ledger {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly acks: Acks
  readonly #hasher: Hasher
  readonly #init: LedgerInit
  readonly #logs = new Map<LogId, Log>()
  /** The same logs, by key and epoch. */
  readonly #byAuthor = new Map<PublicKey, Log[]>()
  readonly #waiting = new WaitingRoom()
  readonly #deferred = new Deferred()
  #authors: ReadonlySet<PublicKey>
  readonly #forks: Forks
  readonly #changes = new ChangeLog()

  constructor(init: LedgerInit) {
    this.#init = init
    this.genesis = decodeGenesis(init.genesis)
    this.id = spaceIdOf(init.genesis)
    this.#hasher = new Hasher(this.id, init.hash)
    this.#authors = authorsOf(this.genesis, [])
    this.acks = new Acks(verifiersOf(this.genesis))
    this.#forks = new Forks(this.genesis)
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
    const pub = fromBase64url(this.#init.self)
    const log = this.log(logIdOf(this.id, pub, epoch)) ?? new Log(this.id, pub, epoch)
    if (log.fork !== undefined) throw new AmpError('frozen', 'this log forked; write in the next epoch')
    const entry = { time: Math.max(this.#init.now(), log.time), ops }
    const from = log.length
    const unsigned = { pub, epoch, from, prev: log.hashAt(from - 1) as Uint8Array, entries: [entry] }
    if (!this.#isWithinBounds(unsigned)) throw new AmpError('too-large', 'an entry above the limits of this space')
    if (log.trunk.spentAt(from - 1) + costOf([entry]) > this.genesis.limits.quota)
      throw new AmpError('quota', 'your log in this space is full; ask in a new space')
    const [hash] = this.#hasher.of(unsigned).hashes
    return { hash: hash as Uint8Array, finish: signature => encodeSegment({ ...unsigned, signature }) }
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
    return this.isAuthor(pub) && epoch < this.genesis.limits.epochsPerAuthor && epoch <= this.#forks.lastEpoch(pub)
  }

  /** Authors proven to have forked a log. */
  forkedAuthors(): ReadonlySet<PublicKey> {
    return new Set([...this.#forks.logs].map(({ by }) => by))
  }

  /** Keys whose signed segments wait for an admission. */
  waitingKeys(): ReadonlySet<PublicKey> {
    return this.#waiting.keys()
  }

  #judge(segment: Segment, bytes: Uint8Array): Outcome {
    const { pub, epoch, from, entries } = segment
    const { limits } = this.genesis
    if (!this.#isWithinBounds(segment)) return 'bad-segment' // R1
    const by = toBase64url(pub)
    if (!this.isAuthor(by)) return this.#wait(segment, bytes, by) // R2
    if (epoch >= limits.epochsPerAuthor) return 'too-many-epochs' // R3
    if (epoch > this.#forks.lastEpoch(by)) return 'frozen'
    const log = this.#byAuthor.get(by)?.[epoch] ?? new Log(this.id, pub, epoch)
    const histories = [log.trunk, ...(log.fork?.others ?? [])]
    if (histories.every(({ end }) => from > end + 1)) return 'gap' // R5
    const links = this.#hasher.of(segment)
    const piece = { segment, hashes: links.hashes }
    const home = homeOf(histories, piece)
    if (fallsBack(entries, home?.timeAt(from - 1) ?? 0)) return 'time-backwards' // R5b
    if (home !== undefined && isKnown(home, piece)) return 'duplicate' // R6a: the chain covers the rest
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
    this.#changes.add(fresh)
    for (const record of fresh) if (isAck(record)) this.#acknowledge(record)
    if (fresh.some(record => record.op?.k === 'admit')) this.#readmit()
  }

  /** The trunk of a log goes on with what is new in a segment. */
  #extend(log: Log, segment: Segment, { hashes, leaves }: Links, bytes: Uint8Array): (Rec | Opaque)[] {
    const { trunk, id, ascii, by } = log
    const from = trunk.end + 1
    const fresh: (Rec | Opaque)[] = []
    for (let i = from - segment.from; i < segment.entries.length; i++) {
      const entry = segment.entries[i] as Entry
      const place = { id, ascii, by, seq: trunk.end + 1, nextOp: trunk.nextOpAt(trunk.end) }
      const records = recordsOf(place, entry, leaves[i] as Uint8Array, this.#hasher, this.genesis.limits)
      const spent = trunk.spentAt(trunk.end) + costOf([entry])
      const link = { hash: hashes[i] as Uint8Array, time: entry.time, spent, nextOp: place.nextOp + entry.ops.length }
      log.extend(link, records)
      fresh.push(...records)
    }
    this.#changes.store({ log: id, from, bytes: from === segment.from ? bytes : tailOf(segment, from, hashes) })
    return fresh
  }

  /** The author signed two histories: both are kept, and what counts of them is decided alike on every replica. */
  #fork(log: Log, piece: Piece): Outcome {
    const wasBroken = this.#forks.broken.has(log.by)
    log.fork = openFork(log.trunk, piece)
    this.#forks.add(log)
    this.#changes.fork(log.id)
    this.#changes.reset()
    this.#resolve(log)
    // a verifier's broken word changes what its silence means for all other forks
    if (wasBroken !== this.#forks.broken.has(log.by)) for (const other of this.#forks.logs) this.#resolve(other)
    this.#readmit()
    return 'fork'
  }

  /** R4: a forked log takes nothing but what belongs to its histories. */
  #collect(log: Log, fork: Fork, home: History, piece: Piece, links: Links, bytes: Uint8Array): Outcome {
    if (home === log.trunk && partingOf(home, piece) > home.end) this.#extend(log, piece.segment, links, bytes)
    else log.fork = widened(fork, log.trunk, home, piece, this.acks.of(log.id), this.#forks)
    this.#changes.fork(log.id)
    this.#resolve(log)
    return log.fork !== undefined && log.fork.at < fork.at ? 'fork' : 'kept'
  }

  /** Decides again what counts of a forked log. */
  #resolve(log: Log): void {
    const { fork } = log
    if (fork === undefined) return
    const stays = resolve(fork.at, [log.trunk, ...fork.others], this.acks.of(log.id), this.#forks)
    const to = stays?.to ?? fork.at - 1
    const branch = stays?.chain instanceof Branch ? stays.chain : undefined
    const own = Math.min(branch?.parting ?? to + 1, to + 1)
    const adopted = adoptedOf(log, branch, own, to, this.#hasher, this.genesis.limits)
    if (!log.show(own, adopted)) return
    this.#changes.fork(log.id)
    this.#changes.reset()
    this.#readmit()
  }

  #acknowledge(record: Rec<'ack'>): void {
    this.acks.add(record)
    for (const [id] of record.op.heads) {
      const log = this.#logs.get(id)
      if (log?.fork !== undefined) this.#resolve(log)
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
    return this.isAuthor(log.by) && log.epoch <= this.#forks.lastEpoch(log.by)
  }

  /** R1 by the space's limits. No op can be forgotten yet, so no relay withholds content under a valid chain. */
  #isWithinBounds({ entries }: Omit<Segment, 'signature'>): boolean {
    const { op, opsPerEntry, entry: bytes } = this.genesis.limits
    return entries.every(
      entry =>
        entry.ops.length <= opsPerEntry &&
        opsLength(entry) <= bytes &&
        entry.ops.every(each => !isForgotten(each) && each.length <= op),
    )
  }
}

const isAck = (record: Rec | Opaque): record is Rec<'ack'> => record.op?.k === 'ack'
/** The segment without the entries before `from`. */
const tailOf = (segment: Segment, from: number, hashes: readonly Uint8Array[]) =>
  encodeSegment({
    ...segment,
    from,
    prev: hashes[from - segment.from - 1] as Uint8Array,
    entries: segment.entries.slice(from - segment.from),
  })
const fallsBack = (entries: Segment['entries'], since: number) =>
  entries.some((entry, i) => entry.time < (entries[i - 1]?.time ?? since))
