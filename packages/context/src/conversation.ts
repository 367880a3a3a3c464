/** A replica's talk with its neighbours: the sync functions joined to one ledger, and the strikes that come of it. */
import type { Clock, LedgerCode, Logger, LogId, PeerId, SpaceId } from '@amp-mesh/protocol'
import type { Ledger } from './ledger/ledger.ts'
import { isStrike } from './ledger/outcome.ts'
import {
  announce,
  leave,
  meet,
  type Outgoing,
  onBusy,
  onHeads,
  onVerdict,
  onWant,
  push,
  type Step,
  type SyncMessage,
  tellAll,
  wantAll,
} from './sync.ts'
import { newSync, type SyncState } from './sync-state.ts'

export interface ConversationInit {
  clock: Clock
  logger: Logger
  onStrike?(peer: PeerId, code: LedgerCode): void
}

/** Every method returns what is to be sent, once what it rests on is durable. */
export class Conversation {
  readonly #ledger: Ledger
  readonly #init: ConversationInit
  #state: SyncState
  /** Who told all its heads since this began. */
  readonly #told = new Set<PeerId>()

  constructor(ledger: Ledger, space: SpaceId, init: ConversationInit) {
    this.#ledger = ledger
    this.#init = init
    this.#state = newSync(space)
  }

  meet(peer: PeerId): readonly Outgoing[] {
    return this.#take(meet(this.#state, this.#ledger, peer, this.#now()))
  }

  leave(peer: PeerId): readonly Outgoing[] {
    this.#state = leave(this.#state, peer)
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
    return this.#take(announce(this.#state, this.#ledger, logs))
  }

  tellAll(): readonly Outgoing[] {
    return this.#take(tellAll(this.#state, this.#ledger))
  }

  wantAll(): readonly Outgoing[] {
    return this.#take(wantAll(this.#state, this.#ledger, this.#now()))
  }

  /** True when nobody is near, or somebody told its heads and nothing more is asked of these logs. */
  isUpToDate(logs: readonly LogId[]): boolean {
    return this.#state.neighbours.size === 0 || (this.#told.size > 0 && !this.isAsking(logs))
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
      case 'want':
        return this.#take(onWant(this.#state, this.#ledger, from, message, this.#now()))
      case 'segment':
        return this.#ingest(from, message.bytes)
      case 'proof':
        return [...this.#ingest(from, message.a), ...this.#ingest(from, message.b)]
      case 'busy':
        this.#state = onBusy(this.#state, from, message, this.#now())
        return []
    }
  }

  #ingest(from: PeerId, bytes: Uint8Array): readonly Outgoing[] {
    const verdict = this.#ledger.ingest(bytes)
    if (isStrike(verdict.outcome)) this.#init.onStrike?.(from, verdict.outcome as LedgerCode)
    return this.#take(onVerdict(this.#state, this.#ledger, from, verdict, this.#now()))
  }

  #take({ state, send }: Step): readonly Outgoing[] {
    this.#state = state
    return send
  }

  #now(): number {
    return this.#init.clock.now()
  }
}
