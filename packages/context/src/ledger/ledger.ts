/**
 * The ledger of a space: signed logs behind rules R1 to R10 of CONTEXT.md §5, in order. No store, no network. It holds
 * an index and the records; the bytes of what it took in are handed on in its changes, for the store to keep.
 */
import {
  AmpError,
  decodeGenesis,
  equalBytes,
  fromBase64url,
  type Genesis,
  type Hash,
  type Head,
  type LedgerCode,
  type LogId,
  logIdOf,
  type PublicKey,
  type Rec,
  type SpaceId,
  sha256,
  spaceIdOf,
  toBase64url,
  u48,
  utf8,
  type Verify,
} from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import { Acks } from './acks.ts'
import { authorsOf, verifiersOf } from './authors.ts'
import { ChangeLog, type Changes } from './changes.ts'
import { Hasher, type Links } from './hasher.ts'
import { headOf } from './heads.ts'
import { Log } from './log.ts'
import { readRecordOp } from './op.ts'
import {
  decodeSegment,
  type Entry,
  encodeSegment,
  isForgotten,
  type OpBytes,
  opsLength,
  type Segment,
} from './segment.ts'
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

/**
 * What became of a segment: `added`, `duplicate`, or the rule that stopped it. `fork`: it proved one, and the log was
 * cut. `deferred`, and `not-a-writer` in an open space: it waits here for its time or its author's admission.
 */
export type Outcome = 'added' | 'duplicate' | LedgerCode

export interface Verdict {
  readonly outcome: Outcome
  /** What the bytes claim to be, where they could be read. */
  readonly segment?: Segment
}

/** An own entry that needs its signature. */
export interface Draft {
  readonly hash: Uint8Array
  /** The segment to ingest. */
  finish(signature: Uint8Array): Uint8Array
}

/** Outcomes that no honest neighbour causes: it has checked what it sends. */
const STRIKES: ReadonlySet<Outcome> = new Set<Outcome>(['bad-segment', 'time-backwards', 'bad-signature'])
export const isStrike = (outcome: Outcome): boolean => STRIKES.has(outcome)

/** What an op costs of its log's quota beside its bytes. */
const OP_COST = 12

export class Ledger {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly acks: Acks
  readonly #hasher: Hasher
  readonly #init: LedgerInit
  readonly #logs = new Map<LogId, Log>()
  readonly #waiting = new WaitingRoom()
  readonly #deferred = new Deferred()
  #authors: ReadonlySet<PublicKey>
  /** Epochs of a key that forked, lowest first. */
  readonly #forkedEpochs = new Map<PublicKey, readonly number[]>()
  readonly #changes = new ChangeLog()

  constructor(init: LedgerInit) {
    this.#init = init
    this.genesis = decodeGenesis(init.genesis)
    this.id = spaceIdOf(init.genesis)
    this.#hasher = new Hasher(this.id, init.hash)
    this.#authors = authorsOf(this.genesis, [])
    this.acks = new Acks(verifiersOf(this.genesis))
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
    if (this.#spentBy(log, [entry]) > this.genesis.limits.quota)
      throw new AmpError('quota', 'your log in this space is full; ask in a new space')
    const [hash] = this.#hasher.of(unsigned).hashes
    return { hash: hash as Uint8Array, finish: signature => encodeSegment({ ...unsigned, signature }) }
  }

  /** Forked logs whose own half of the proof is to be recalled from the store. */
  unproven(): Log[] {
    return [...this.#logs.values()].filter(({ fork }) => fork !== undefined && fork.a === undefined)
  }

  /** `a`: a stored segment of this log that holds entry `fork.at` as it stood before the cut. */
  prove(log: Log, a: Uint8Array): void {
    if (log.fork !== undefined) log.fork = { ...log.fork, a }
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
    return this.isAuthor(pub) && epoch < this.genesis.limits.epochsPerAuthor && epoch <= this.#lastEpoch(pub)
  }

  /** Authors proven to have forked a log. */
  forkedAuthors(): Iterable<PublicKey> {
    return this.#forkedEpochs.keys()
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
    if (epoch > this.#lastEpoch(by)) return 'frozen'
    const log = this.#logs.get(logIdOf(this.id, pub, epoch)) ?? new Log(this.id, pub, epoch)
    if (log.fork !== undefined && from > log.fork.at) return 'frozen' // R4
    if (from > log.length) return 'gap' // R5
    const joins = equalBytes(log.hashAt(from - 1) as Uint8Array, segment.prev)
    if (fallsBack(entries, joins ? (log.timeAt(from - 1) ?? 0) : 0)) return 'time-backwards' // R5b
    const links = this.#hasher.of(segment)
    const { hashes } = links
    const last = from + entries.length - 1
    if (isSameHash(log.hashAt(last), hashes.at(-1))) return 'duplicate' // R6a: the chain covers the rest
    if (!this.#init.verify(segment.signature, hashes.at(-1) as Uint8Array, pub)) return 'bad-signature' // R6b
    if (!joins) return 'branch' // R7: signed, but on another chain than ours; where they part is yet to be found
    const parting = hashes.findIndex((hash, i) => from + i < log.length && !isSameHash(log.hashAt(from + i), hash))
    if (parting >= 0) return this.#fork(log, from + parting, bytes)
    if (log.fork !== undefined) return 'frozen' // one more branch from the known fork point on
    const fresh = entries.slice(log.length - from)
    if (this.#spentBy(log, fresh) > limits.quota) return 'quota' // R8
    if ((entries.at(-1)?.time ?? 0) > this.#init.now() + limits.skewMs) return this.#defer(segment, bytes) // R9
    this.#accept(log, segment, links, bytes)
    return 'added'
  }

  /** R10: every op becomes a record, an opaque one, or nothing but a number. */
  #accept(log: Log, segment: Segment, { hashes, leaves }: Links, bytes: Uint8Array): void {
    const from = log.length
    const fresh: (Rec | Opaque)[] = []
    for (let i = from - segment.from; i < segment.entries.length; i++) {
      const { time, ops } = segment.entries[i] as Entry
      const records = this.#recordsOf(log, segment.from + i, time, ops, leaves[i] as readonly Uint8Array[])
      const spent = log.spentAt(log.length - 1) + costOf(ops)
      log.extend({ hash: hashes[i] as Uint8Array, time, spent, nextOp: log.nextOp + ops.length }, records)
      fresh.push(...records)
    }
    this.#logs.set(log.id, log)
    this.#changes.store({
      log: log.id,
      from,
      bytes: from === segment.from ? bytes : tailOf(segment, from, hashes),
    })
    this.#changes.add(fresh)
    for (const record of fresh) if (isAck(record)) this.acks.add(record)
    if (fresh.some(record => record.op?.k === 'admit')) this.#readmit()
  }

  #recordsOf(
    { id, by, nextOp }: Log,
    seq: number,
    time: number,
    ops: readonly OpBytes[],
    leaves: readonly Uint8Array[],
  ) {
    const records: (Rec | Opaque)[] = []
    for (const [k, bytes] of ops.entries()) {
      const read = isForgotten(bytes) ? undefined : readRecordOp(bytes, this.genesis.limits)
      if (read === undefined) continue
      const n = nextOp + k
      const { op } = read
      records.push({ id: this.#hasher.recordId(id, n, leaves[k] as Uint8Array), by, log: id, seq, n, time, op } as
        | Rec
        | Opaque)
    }
    return records
  }

  /** The author signed two histories: what both share stays, the rest goes, here as on every replica. */
  #fork(log: Log, at: number, bytes: Uint8Array): Outcome {
    log.cut({ at, a: undefined, b: bytes })
    const epochs = new Set([...(this.#forkedEpochs.get(log.by) ?? []), log.epoch])
    this.#forkedEpochs.set(
      log.by,
      [...epochs].sort((a, b) => a - b),
    )
    this.#changes.fork(log.id)
    this.#readmit()
    return 'fork'
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
    return this.isAuthor(log.by) && log.epoch <= this.#lastEpoch(log.by)
  }

  /** After a key's second proven fork its later epochs are ignored. */
  #lastEpoch(by: PublicKey): number {
    return this.#forkedEpochs.get(by)?.[1] ?? Number.POSITIVE_INFINITY
  }

  #spentBy(log: Log, fresh: Segment['entries']): number {
    return fresh.reduce((sum, entry) => sum + costOf(entry.ops), log.spentAt(log.length - 1))
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
const costOf = (ops: readonly OpBytes[]) =>
  ops.reduce((sum, op) => sum + OP_COST + (isForgotten(op) ? 0 : op.length), 0)
const isSameHash = (a: Uint8Array | undefined, b: Uint8Array | undefined) =>
  a !== undefined && b !== undefined && equalBytes(a, b)
const fallsBack = (entries: Segment['entries'], since: number) =>
  entries.some((entry, i) => entry.time < (entries[i - 1]?.time ?? since))
