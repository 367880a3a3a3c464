/** What a verifier does so that things become final: it votes for what it supports, and publishes certificates. */
import {
  type Clock,
  type Identity,
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
import type { Conversation } from './conversation.ts'
import type { Ledger } from './ledger/ledger.ts'
import { quorumOf } from './quorum.ts'
import type { Records } from './records.ts'
import { dutyOrder } from './rendezvous.ts'
import type { Timers } from './timers.ts'
import { CastVotes, freeVotes } from './views/ballot.ts'
import { type Decision, type Elections, elections } from './views/elections.ts'

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
/** f+1 verifiers publish a certificate at once; each further one gives those before it this long, ms. */
const STAGGER_MS = 1_000

export class Clerk {
  readonly #init: ClerkInit
  readonly #isVerifier: boolean
  readonly #cast = new CastVotes()
  /** Version of the index at which nothing was left to do. */
  #doneAt: number | undefined
  /** How far own votes were read from the records. */
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
        const [vote] = isVotable(op) ? this.#claim(op.of, 1) : []
        return vote !== undefined && isVotable(op) ? this.#signed(op, vote) : op
      }),
    )
  }

  /** Writes certificates, and votes that what we support has not got yet: a slot opened later, a version got stuck. */
  async #look(): Promise<void> {
    const { records, write } = this.#init
    const seen = records.version
    for (const op of this.#certificates()) write(op)
    for (const op of this.#supports()) for (const vote of this.#claim(op.of)) write(await this.#signed(op, vote))
    if (this.#open.size === 0 && this.#knowsOwnVotes()) this.#doneAt = seen
  }

  // ---- votes --------------------------------------------------------------------------------------------------------

  /** What we support as it stands, the latest word on each record. */
  #supports(): Op<'verify'>[] {
    const { records, identity } = this.#init
    const latest = new Map<RecordId, Op<'verify'>>()
    for (const { by, op } of records.of('verify')) if (by === identity.publicKey) latest.set(op.of, op)
    return [...latest.values()].filter(({ v }) => v === 1)
  }

  /** Takes up to `most` free slots for it. From here on they are taken: two calls at once must not vote twice. */
  #claim(of: RecordId, most?: number): readonly Vote[] {
    const { records, ledger, identity } = this.#init
    const record = records.get(of)
    if (record === undefined || !this.#knowsOwnVotes()) return []
    this.#readOwnVotes()
    const votes = freeVotes(records, ledger.genesis, identity.publicKey, this.#cast, record).slice(0, most)
    for (const vote of votes) this.#cast.add(vote)
    return votes
  }

  async #signed(op: Op<'verify'>, vote: Vote): Promise<Op<'verify'>> {
    const { slot, ver } = vote
    const signature = await this.#init.identity.sign(voteHash(this.#init.ledger.id, vote))
    return { ...op, slot, ver, e: VOTE_EPOCH, vs: toBase64url(signature) }
  }

  /** Also what a fork takes from the records later stays known here. */
  #readOwnVotes(): void {
    const { records, identity } = this.#init
    if (this.#read.resets !== records.resets) this.#read = { resets: records.resets, verdicts: 0 }
    const news = records.arrived('verify', this.#read.verdicts)
    this.#read.verdicts += news.length
    for (const { by, op } of news)
      if (by === identity.publicKey && op.vs !== undefined)
        this.#cast.add({ slot: op.slot ?? op.of, ver: op.ver ?? 0, of: op.of })
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
      const due = this.#init.clock.now() + this.#turn(decision) * STAGGER_MS
      this.#open.set(name, { due, op: all.certificate(decision), publishedAt: undefined })
    }
    for (const [name, { op }] of this.#open) if (all.isFinal(op)) this.#open.delete(name)
  }

  #turn({ of }: Decision): number {
    const { ledger, identity } = this.#init
    return Math.max(0, dutyOrder(of, this.#verifiers).indexOf(identity.publicKey) - quorumOf(ledger.genesis).faulty)
  }

  get #verifiers(): PublicKey[] {
    return this.#init.ledger.genesis.verifiers.map(({ pub }) => pub)
  }
}

const isVotable = (op: Op): op is Op<'verify'> => op.k === 'verify' && op.v === 1 && op.vs === undefined
