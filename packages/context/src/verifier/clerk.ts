/** What a verifier does so that things become final: it votes for what it supports, and publishes certificates. */
import {
  type Clock,
  type Identity,
  isKind,
  type LogId,
  type Op,
  type PublicKey,
  peerIdOf,
  type RecordId,
  toBase64url,
  VOTE_EPOCH,
  type Vote,
  voteHash,
} from '@amp-mesh/protocol'
import { verifiersOf } from '../ledger/authors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { quorumOf } from '../quorum.ts'
import type { Records } from '../records.ts'
import { dutyOrder } from '../rendezvous.ts'
import type { Conversation } from '../sync/conversation.ts'
import type { Timers } from '../timers.ts'
import { CastVotes, freeVotes } from '../views/ballot.ts'
import { ownSlot } from '../views/candidacies.ts'
import { type Decision, type Elections, elections } from '../views/elections.ts'

export interface ClerkInit {
  ledger: Ledger
  records: Records
  identity: Identity
  /** Of every epoch. */
  ownLogs: readonly LogId[]
  conversation: Pick<Conversation, 'heard' | 'isAsking'>
  clock: Clock
  timers: Timers
  /** Appends a record nobody waits for. */
  write(op: Op<'verify' | 'cert'>): void
}

/** Votes and certificates wait for this long, ms: what caused them comes together with more of the same. */
const LOOK_MS = 50
/** f+1 verifiers publish a certificate first; each further one gives those before it this long, ms. */
const STAGGER_MS = 2_000
/** The certificate of a record that nothing competes with waits for this long, ms: a lively space has better to do. */
const CALM_MS = 5_000

export class Clerk {
  readonly #init: ClerkInit
  readonly #isVerifier: boolean
  readonly #cast = new CastVotes()
  /** Records that we ever supported. */
  readonly #supported = new Set<RecordId>()
  /** Those of them that share a slot with others. */
  readonly #waiting = new Set<RecordId>()
  /** Version of the index at which nothing was left to do. */
  #doneAt: number | undefined
  /** How far own words were read from the records. */
  #read = { resets: 0, verdicts: 0 }
  /** Certificates that are not final yet; `publishedAt`: the resets of the index when it was. */
  readonly #open = new Map<string, { due: number; op: Op<'cert'>; publishedAt: number | undefined }>()

  constructor(init: ClerkInit) {
    this.#init = init
    this.#isVerifier = this.#verifiers.includes(init.identity.publicKey)
  }

  /** Something may have changed: what has become due is written before long. */
  lookSoon(): void {
    const { timers, records } = this.#init
    if (!this.#isVerifier || timers.has('elections') || this.#doneAt === records.version) return
    timers.after('elections', LOOK_MS, () => void this.#look())
  }

  /** True when a support among them could carry a vote of ours. */
  isFor(ops: readonly Op[]): boolean {
    return this.#isVerifier && ops.some(isVotable)
  }

  /** The ops, each support with our vote where a slot of what it supports is free. */
  voting(ops: readonly Op[]): Promise<Op[]> {
    return Promise.all(
      ops.map(op => {
        const [vote] = isVotable(op) ? this.#claim(op.of, votes => votes.slice(0, 1)) : []
        return vote !== undefined && isVotable(op) ? this.#signed(op, vote) : op
      }),
    )
  }

  /** Writes certificates, and votes that could not be cast before: a slot opened later, a version got stuck. */
  async #look(): Promise<void> {
    const { records, write } = this.#init
    const seen = records.version
    for (const op of this.#certificates()) write(op)
    this.#readOwnWords()
    for (const of of this.#unsettled()) {
      const op = this.#supportOf(of)
      if (op !== undefined)
        for (const vote of this.#claim(of, votes => votes.filter(isShared))) write(await this.#signed(op, vote))
    }
    if (this.#open.size === 0 && this.#knowsOwnVotes()) this.#doneAt = seen
  }

  // ---- votes --------------------------------------------------------------------------------------------------------

  /** What we supported once and may vote for now: in a shared slot, in a conflict, or in a slot that may be stuck. */
  #unsettled(): Set<RecordId> {
    const { records, ledger } = this.#init
    const contested = elections(records, ledger.genesis).contested()
    const disputed = records.of('conflict').flatMap(({ op }) => op.a)
    return new Set([
      ...[...this.#waiting].filter(of => !this.#cast.isCastFor(of)),
      ...[...contested, ...disputed].filter(of => this.#supported.has(of)),
    ])
  }

  /** Our latest word on the record, if it supports it. */
  #supportOf(of: RecordId): Op<'verify'> | undefined {
    const { records, identity } = this.#init
    const own = records.referencing(of).findLast(({ by, op }) => by === identity.publicKey && op.k === 'verify')
    return own !== undefined && isKind(own, 'verify') && own.op.v === 1 ? own.op : undefined
  }

  /** Takes those free slots for it that `pick` keeps. From here on they are taken: two calls must not vote twice. */
  #claim(of: RecordId, pick: (votes: readonly Vote[]) => readonly Vote[]): readonly Vote[] {
    const { records, ledger, identity } = this.#init
    const record = records.get(of)
    if (record === undefined || !this.#knowsOwnVotes()) return []
    this.#readOwnWords()
    const votes = pick(freeVotes(records, ledger.genesis, identity.publicKey, this.#cast, record))
    for (const vote of votes) this.#cast.add(vote)
    return votes
  }

  async #signed(op: Op<'verify'>, vote: Vote): Promise<Op<'verify'>> {
    const { slot, ver } = vote
    const signature = await this.#init.identity.sign(voteHash(this.#init.ledger.id, vote))
    return { ...op, slot, ver, e: VOTE_EPOCH, vs: toBase64url(signature) }
  }

  /** Votes that a fork takes from the records later stay known here. */
  #readOwnWords(): void {
    const { records, identity } = this.#init
    if (this.#read.resets !== records.resets) this.#read = { resets: records.resets, verdicts: 0 }
    const news = records.arrived('verify', this.#read.verdicts)
    this.#read.verdicts += news.length
    for (const { by, op } of news) {
      if (by !== identity.publicKey) continue
      const record = records.get(op.of)
      if (op.v === 1) this.#supported.add(op.of)
      if (op.v === 1 && (record === undefined || ownSlot(record).slot !== record.id)) this.#waiting.add(op.of)
      if (op.vs !== undefined) this.#cast.add({ slot: op.slot ?? op.of, ver: op.ver ?? 0, of: op.of })
    }
  }

  /**
   * Votes of ours may be out there while our store knows nothing of them. So as many verifiers as a decision takes, we
   * among them, must have told what they hold, and our own logs be as long as theirs. A log of ours that forked may
   * have lost votes for good: then we vote no more.
   */
  #knowsOwnVotes(): boolean {
    const { ledger, identity, ownLogs, conversation } = this.#init
    const others = this.#verifiers.filter(pub => pub !== identity.publicKey).map(pub => peerIdOf(pub))
    const isWhole = ownLogs.every(id => ledger.log(id)?.fork === undefined)
    return isWhole && conversation.heard(others) >= quorumOf(ledger.genesis).most - 1 && !conversation.isAsking(ownLogs)
  }

  // ---- certificates -------------------------------------------------------------------------------------------------

  /**
   * Certificates to publish: f+1 verifiers, first in an order that depends on the candidate, at once; the others only
   * while fewer logs hold it.
   */
  #certificates(): Op<'cert'>[] {
    const { records, ledger, identity, clock } = this.#init
    const all = elections(records, ledger.genesis)
    this.#noteOpen(all)
    return [...this.#open.values()].flatMap(open => {
      const isPublished = open.publishedAt === records.resets || all.certifiers(open.op).has(identity.publicKey)
      if (isPublished || open.due > clock.now()) return []
      open.publishedAt = records.resets
      return [open.op]
    })
  }

  /** A certificate once seen is kept until it is final, whatever forks take from the records meanwhile. */
  #noteOpen(all: Elections): void {
    for (const decision of all.certified()) {
      const name = JSON.stringify([decision.slot, decision.ver, decision.of])
      if (all.isFinal(decision) || this.#open.has(name)) continue
      const due = this.#init.clock.now() + (isShared(decision) ? 0 : CALM_MS) + this.#turn(decision) * STAGGER_MS
      this.#open.set(name, { due, op: all.certificate(decision), publishedAt: undefined })
    }
    for (const [name, { op }] of this.#open) if (all.isFinal(op)) this.#open.delete(name)
  }

  #turn({ of }: Decision): number {
    const { ledger, identity } = this.#init
    return Math.max(0, dutyOrder(of, this.#verifiers).indexOf(identity.publicKey) - quorumOf(ledger.genesis).faulty)
  }

  get #verifiers(): PublicKey[] {
    return [...verifiersOf(this.#init.ledger.genesis)]
  }
}

/** Others may compete for the slot: it is not the record's own. */
const isShared = ({ slot, of }: Vote): boolean => slot !== of

const isVotable = (op: Op): op is Op<'verify'> => op.k === 'verify' && op.v === 1 && op.vs === undefined
