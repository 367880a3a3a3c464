/** A ledger on disk: what it took in is written before anybody is told, and taken in again when it is opened. */
import { equalBytes, fromBase64url, type Hash, type Logger, logIdOf, type Storage } from '@amp-mesh/protocol'
import type { Changes } from './ledger/changes.ts'
import { foreignPieces } from './ledger/fork.ts'
import type { Ledger } from './ledger/ledger.ts'
import { type HeadMarker, SpaceStore, type StoreChange } from './store.ts'

export interface KeeperInit {
  ledger: Ledger
  storage: Storage
  logger: Logger
  /** Default: the portable one. */
  hash?: Hash
}

export class Keeper {
  readonly store: SpaceStore
  readonly #ledger: Ledger
  readonly #logger: Logger

  constructor({ ledger, storage, logger, hash }: KeeperInit) {
    this.#ledger = ledger
    this.#logger = logger
    this.store = new SpaceStore(storage, ledger.id, {
      ...(hash && { hash }),
      onDamage: name => logger.warn('a stored value is damaged', { space: ledger.id, name }),
    })
  }

  /** Resolves when the changes survive a power cut. */
  async keep({ segments, forks }: Changes): Promise<void> {
    const logs = new Set(segments.map(({ log }) => log))
    const changes: StoreChange[] = [
      ...segments.map(({ log, from, bytes }) => ({ segment: bytes, log, from })),
      ...[...logs].flatMap(log => this.#markerOf(log) ?? []),
      ...forks.flatMap(log => this.#branchesOf(log) ?? []),
    ]
    if (changes.length > 0) await this.store.write(changes)
  }

  /** Takes what is stored in through the same rules as what others send. Resolves with where each log should end. */
  async load(genesis: Uint8Array): Promise<HeadMarker[]> {
    const known = await this.store.genesis()
    if (known === undefined || !equalBytes(known, genesis)) await this.store.putGenesis(genesis)
    for await (const { bytes } of this.store.segments()) this.#take(bytes)
    for await (const bytes of this.store.branches()) this.#take(bytes)
    const markers = await this.store.markers()
    for (const { pub, epoch, seq } of markers.filter(marker => !this.#reaches(marker)))
      this.#logger.warn('a log lost entries on disk; others are asked for them', {
        space: this.#ledger.id,
        pub,
        epoch,
        seq,
      })
    return markers
  }

  #take(bytes: Uint8Array): void {
    const { outcome } = this.#ledger.ingest(bytes)
    this.#ledger.takeChanges()
    if (!['added', 'duplicate', 'kept', 'fork', 'frozen'].includes(outcome))
      this.#logger.warn('a stored segment was not taken', { space: this.#ledger.id, outcome })
  }

  #reaches({ pub, epoch, seq, hash }: HeadMarker): boolean {
    const log = this.#ledger.log(logIdOf(this.#ledger.id, fromBase64url(pub), epoch))
    const held = log?.trunk.hashAt(seq)
    return held !== undefined && equalBytes(held, hash)
  }

  #branchesOf(log: string): StoreChange | undefined {
    const fork = this.#ledger.log(log)?.fork
    return fork && { log, branches: foreignPieces(fork) }
  }

  #markerOf(id: string): StoreChange | undefined {
    const log = this.#ledger.log(id)
    const seq = log?.trunk.end ?? -1
    const hash = log?.trunk.hashAt(seq)
    if (log === undefined || hash === undefined || seq < 0) return undefined
    return { log: id, marker: { pub: log.by, epoch: log.epoch, seq, hash } }
  }
}
