/** A replica's talk with its neighbours: the sync functions joined to one ledger, and the strikes that come of it. */
import {
  type Clock,
  type LedgerCode,
  type Logger,
  type LogId,
  type Message,
  type PeerId,
  type Random,
  type SpaceId,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import type { Ledger } from '../ledger/ledger.ts'
import type { Log } from '../ledger/log.ts'
import { isStrike, type Verdict } from '../ledger/outcome.ts'
import { logIdOfSegment } from '../ledger/segment.ts'
import type { Step } from './answer.ts'
import { ArrivingCheckpoints } from './arriving-checkpoints.ts'
import { renewed, wantAll } from './asking.ts'
import { announce, leave, meet, onBusy, onDigests, onHeads, onVerdict, onWant, push, remind, tellAll } from './sync.ts'
import type { Outgoing, SyncMessage } from './sync-message.ts'
import { newSync, type SyncState } from './sync-state.ts'

/** How long a checkpoint may wait for a quorum of verifiers to stand behind it, ms. */
const VOUCH_MS = 10_000

export interface ConversationInit {
  clock: Clock
  random: Random
  logger: Logger
  onStrike?(peer: PeerId, code: LedgerCode): void
}

const COMPARE_MS = 1_000

/** Every method returns what is to be sent, once what it rests on is durable. */
export class Conversation {
  readonly #ledger: Ledger
  readonly #init: ConversationInit
  #state: SyncState
  /** Who told all its heads since this began. */
  readonly #told = new Set<PeerId>()
  /** When each neighbour's digests were last compared, ms since the epoch. */
  readonly #compared = new Map<PeerId, number>()
  readonly #arriving: ArrivingCheckpoints
  readonly #unvouchedSince = new Map<Log, number>()
  /** Times that neighbours were asked for what is missing. */
  #asked = 0

  constructor(ledger: Ledger, space: SpaceId, init: ConversationInit) {
    this.#ledger = ledger
    this.#init = init
    this.#state = newSync(space)
    // an op with what stands around it is less than twice what it costs of a quota
    this.#arriving = new ArrivingCheckpoints(2 * ledger.genesis.limits.quota)
  }

  meet(peer: PeerId): readonly Outgoing[] {
    return this.#take(meet(this.#state, this.#ledger, peer, this.#now()))
  }

  leave(peer: PeerId): readonly Outgoing[] {
    this.#state = leave(this.#state, peer)
    this.#compared.delete(peer)
    this.#arriving.forget(peer)
    return []
  }

  /** Never throws: what is wrong with a message is a strike against its sender. */
  handle(from: PeerId, message: SyncMessage): readonly Outgoing[] {
    const greeting = this.meet(from)
    try {
      return [...greeting, ...this.#answer(from, message)]
    } catch (error) {
      // well-formed messages may still name keys that are no keys
      this.#init.logger.debug('a sync message was refused', { peer: from, error: String(error) })
      this.#init.onStrike?.(from, 'bad-segment')
      return greeting
    }
  }

  push(log: LogId, segment: Uint8Array): readonly Outgoing[] {
    return this.#take(push(this.#state, this.#ledger, log, segment))
  }

  announce(logs: readonly LogId[]): readonly Outgoing[] {
    return this.#take(announce(this.#state, this.#ledger, logs, this.#init.random))
  }

  remind(): readonly Outgoing[] {
    return this.#take(remind(this.#state, this.#ledger, this.#init.random))
  }

  tellAll(): readonly Outgoing[] {
    return this.#take(tellAll(this.#state, this.#ledger, this.#init.random))
  }

  wantAll(): readonly Outgoing[] {
    this.#distrust()
    this.#asked++
    return [...this.#take(wantAll(this.#state, this.#ledger, this.#now())), ...this.#wantOps(), ...this.#wantLost()]
  }

  /** True when somebody told its heads and nothing more is asked of these logs; or nobody is near, and no `doubt`. */
  isUpToDate(logs: readonly LogId[], doubt: boolean): boolean {
    return (this.#state.neighbours.size === 0 && !doubt) || (this.#told.size > 0 && !this.isAsking(logs))
  }

  /** True while entries of one of these logs were asked for and did not come yet. */
  isAsking(logs: readonly LogId[]): boolean {
    const now = this.#now()
    return logs.some(id => (this.#state.asked.get(id)?.until ?? 0) > now)
  }

  /** How many of these peers told what they hold. */
  heard(peers: readonly PeerId[]): number {
    return peers.filter(peer => this.#told.has(peer)).length
  }

  #answer(from: PeerId, message: SyncMessage): readonly Outgoing[] {
    switch (message.type) {
      case 'heads':
        if (message.full) this.#told.add(from)
        return this.#take(onHeads(this.#state, this.#ledger, from, message, this.#now()))
      case 'digests':
        return this.#compare(from, message)
      case 'want':
        return this.#take(onWant(this.#state, this.#ledger, from, message, this.#now()))
      case 'segment':
        return this.#ingest(from, message.bytes)
      case 'proof':
        return [...this.#ingest(from, message.a), ...this.#ingest(from, message.b)]
      case 'ops_want':
        return [[from, { type: 'serve_ops', ops: message.ops }]]
      case 'ops':
        for (const [log, n, bytes] of message.ops) this.#ledger.fill(log, n, bytes)
        return []
      case 'checkpoint':
        return this.#begin(from, message)
      case 'busy':
        this.#state = onBusy(this.#state, from, message, this.#now())
        return []
    }
  }

  /** Only what was asked for is gathered. */
  #begin(from: PeerId, message: Message<'checkpoint'>): readonly Outgoing[] {
    const id = logIdOfSegment(this.#state.space, message.segment)
    if (!this.#state.asked.get(id)?.peers.has(from)) return []
    this.#state = renewed(this.#state, from, this.#now())
    const live = this.#arriving.add(from, message)
    if (live === undefined) return []
    return this.#judged(from, this.#ledger.adopt(message.segment, live))
  }

  /** A checkpoint that nobody vouches for in time is given up: the log is asked for entry by entry. */
  #distrust(): void {
    const now = this.#now()
    const unvouched = new Set(this.#ledger.unvouched())
    for (const log of this.#unvouchedSince.keys()) if (!unvouched.has(log)) this.#unvouchedSince.delete(log)
    for (const log of unvouched) {
      const since = this.#unvouchedSince.get(log) ?? now
      this.#unvouchedSince.set(log, since)
      if (now - since < VOUCH_MS) continue
      this.#ledger.drop(log)
      this.#state = { ...this.#state, distrusted: new Set(this.#state.distrusted).add(log.id) }
    }
  }

  /** Asks one neighbour, each time the next, for the bytes of ops that nobody's author wanted forgotten. */
  #wantOps(): readonly Outgoing[] {
    const holes = this.#ledger.forgetting.someHoles(WIRE_LIMITS.opsPerMessage, this.#asked)
    const ops = holes.map(({ log, seq, n }): Message<'ops_want'>['ops'][number] => [log, seq, n])
    const peer = this.#askedPeer()
    const { space } = this.#state
    return ops.length === 0 || peer === undefined ? [] : [[peer, { type: 'ops_want', space, ops }]]
  }

  /** Asks one neighbour, each time the next, for entries that our store lost. */
  #wantLost(): readonly Outgoing[] {
    const ranges: Message<'want'>['ranges'] = []
    for (const { log, from, to } of this.#ledger.losses.all()) {
      if (ranges.length === WIRE_LIMITS.rangesPerMessage) break
      ranges.push({ pub: log.by, epoch: log.epoch, from, to, entries: true })
    }
    const peer = this.#askedPeer()
    const { space } = this.#state
    return ranges.length === 0 || peer === undefined ? [] : [[peer, { type: 'want', space, ranges }]]
  }

  #askedPeer(): PeerId | undefined {
    const peers = [...this.#state.neighbours.keys()]
    return peers[this.#asked % peers.length]
  }

  #ingest(from: PeerId, bytes: Uint8Array): readonly Outgoing[] {
    return this.#judged(from, this.#ledger.ingest(bytes))
  }

  #judged(from: PeerId, verdict: Verdict): readonly Outgoing[] {
    if (isStrike(verdict.outcome)) this.#init.onStrike?.(from, verdict.outcome as LedgerCode)
    return this.#take(onVerdict(this.#state, this.#ledger, from, verdict, this.#now()))
  }

  /** Comparing costs more than asking for it: every neighbour is answered once a second. */
  #compare(from: PeerId, message: Message<'digests'>): readonly Outgoing[] {
    const now = this.#now()
    if (now - (this.#compared.get(from) ?? 0) < COMPARE_MS) return []
    this.#compared.set(from, now)
    return this.#take(onDigests(this.#state, this.#ledger, from, message))
  }

  #take({ state, send }: Step): readonly Outgoing[] {
    this.#state = state
    return send
  }

  #now(): number {
    return this.#init.clock.now()
  }
}
