/** A ledger on disk: what it took in is written before anybody is told, and taken in again when it is opened. */
import {
  equalBytes,
  fromBase64url,
  type Hash,
  type Logger,
  logIdOf,
  type Storage,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import type { Changes } from '../ledger/changes.ts'
import { isShortcut } from '../ledger/checkpoint.ts'
import { decodeLive, encodeLive } from '../ledger/checkpoint-parts.ts'
import { foreignPieces } from '../ledger/fork.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type Checkpoint, type LiveOp, liveOf } from '../ledger/live-records.ts'
import type { Log } from '../ledger/log.ts'
import { decodeSegment, encodeSegment, isForgotten } from '../ledger/segment.ts'
import { type Beginning, type HeadMarker, SpaceStore, type StoreChange, type StoredCheckpoint } from './store.ts'

export interface KeeperInit {
  ledger: Ledger
  storage: Storage
  logger: Logger
  /** Default: the portable one. */
  hash?: Hash
  /** Keeps everything, whatever was checkpointed. */
  archive?: boolean
}

/** What is left of a space on disk, beside the logs themselves. */
export interface Loaded {
  /** Where each log should end. */
  readonly markers: readonly HeadMarker[]
  /** How often the storage was damaged and repaired. */
  readonly life: number
  /** Nothing of it was stored. */
  readonly isNew: boolean
}

export class Keeper {
  readonly store: SpaceStore
  readonly #ledger: Ledger
  readonly #logger: Logger
  readonly #archive: boolean

  constructor({ ledger, storage, logger, hash, archive = false }: KeeperInit) {
    this.#archive = archive
    this.#ledger = ledger
    this.#logger = logger
    this.store = new SpaceStore(storage, ledger.id, {
      ...(hash && { hash }),
      onDamage: name => logger.warn('a stored value is damaged', { space: ledger.id, name }),
    })
  }

  /** Resolves when the changes survive a power cut. */
  async keep({ segments, restored, forks, ops, checkpoints, records }: Changes): Promise<void> {
    for (const { log, segment, live } of checkpoints) await this.store.begin({ log, segment, live: encodeLive(live) })
    const logs = new Set(segments.map(({ log }) => log))
    const changes: StoreChange[] = [
      ...segments.map(({ log, from, bytes }) => ({ segment: bytes, log, from })),
      ...[...logs].flatMap(log => this.#markerOf(log) ?? []),
      ...forks.flatMap(log => this.#branchesOf(log) ?? []),
    ]
    if (changes.length > 0) await this.store.write(changes)
    for (const { log, bytes } of restored) await this.store.replace(log, bytes)
    for (const change of ops) await this.store.rewrite(change)
    if (!this.#archive && records.some(({ op }) => op?.k === 'ack')) await this.#prune()
  }

  /** Takes what is stored in through the same rules as what others send. */
  async load(genesis: Uint8Array): Promise<Loaded> {
    const known = await this.store.genesis()
    for await (const part of this.store.parts())
      if (part instanceof Uint8Array) await this.#take(part)
      else this.#adopt(part)
    for await (const bytes of this.store.branches()) await this.#take(bytes)
    if (!this.#archive) await this.#prune()
    const markers = await this.store.markers()
    // last: what reads after a write waits for its fsync in a browser
    if (known === undefined || !equalBytes(known, genesis)) await this.store.putGenesis(genesis)
    for (const { pub, epoch, seq } of markers.filter(marker => !this.#reaches(marker)))
      this.#logger.warn('a log lost entries on disk; others are asked for them', {
        space: this.#ledger.id,
        pub,
        epoch,
        seq,
      })
    return { markers, life: this.store.life, isNew: known === undefined }
  }

  /**
   * The last checkpoint of a log as others are given it: as we were, or made of what is stored. Undefined where it has
   * none, or something is damaged.
   */
  async checkpointOf(log: Log): Promise<StoredCheckpoint | undefined> {
    const { trunk } = log
    const checkpoint = this.#ledger.checkpoints.provenOf(log)
    if (checkpoint === undefined || trunk.start === checkpoint.seq) return (await this.store.checkpoints(log.id))[0]
    const piece = await this.store.covering(log.id, checkpoint.seq)
    if (piece === undefined) return undefined
    const live = await this.#liveOps(log, checkpoint)
    return live && { log: log.id, segment: this.#from(log, checkpoint.seq, piece), live: encodeLive(live) }
  }

  /** The same with as many entries behind it as fit: what verifiers acknowledged of them proves it at once. */
  async provenCheckpointOf(log: Log): Promise<StoredCheckpoint | undefined> {
    const { trunk } = log
    const checkpoint = this.#ledger.checkpoints.provenOf(log)
    const short = await this.checkpointOf(log)
    const longer = checkpoint && (await this.store.firstSegment(log.id, checkpoint.seq, trunk.end))
    const segment = longer && this.#from(log, checkpoint.seq, longer)
    return (
      short && (segment === undefined || segment.length > WIRE_LIMITS.checkpointPart ? short : { ...short, segment })
    )
  }

  /** Lets go, on disk and in RAM, of what came before the last checkpoint of a log that is proven and spares much. */
  async #prune(): Promise<void> {
    for (const log of this.#ledger.logs()) {
      if (
        log.checkpoint === undefined ||
        log.checkpoint.seq === log.trunk.start ||
        !isShortcut(log.checkpoint) ||
        this.#ledger.checkpoints.provenOf(log) !== log.checkpoint
      )
        continue
      const checkpoint = await this.checkpointOf(log)
      if (checkpoint === undefined) continue
      await this.store.begin(checkpoint)
      this.#ledger.prune(log)
    }
  }

  async #liveOps(log: Log, { seq, n }: Checkpoint): Promise<LiveOp[] | undefined> {
    const wanted = new Map(liveOf(log.records.filter(record => record.n < n)).map(record => [record.n, record]))
    const live: LiveOp[] = []
    const note = (at: number, bytes: Uint8Array) => {
      const record = wanted.get(at)
      if (record !== undefined) live.push({ n: at, seq: record.seq, time: record.time, bytes })
    }
    for (const { live: parts } of await this.store.checkpoints(log.id))
      for (const op of parts.flatMap(decodeLive)) note(op.n, op.bytes)
    for await (const { from, bytes } of this.store.segmentsOf(log.id, log.trunk.start, seq - 1))
      for (const [i, { ops }] of decodeSegment(bytes).entries.entries())
        for (const [k, op] of ops.entries())
          if (!isForgotten(op) && from + i < seq) note(log.trunk.nextOpAt(from + i - 1) + k, op)
    return live.length === wanted.size ? live : undefined
  }

  /** The stored segment that holds entry `seq`, beginning with it. */
  #from(log: Log, seq: number, bytes: Uint8Array): Uint8Array {
    const segment = decodeSegment(bytes)
    const prev = log.trunk.hashAt(seq - 1) as Uint8Array
    return encodeSegment({ ...segment, from: seq, prev, entries: segment.entries.slice(seq - segment.from) })
  }

  #adopt({ segment, live }: Beginning): void {
    const { outcome } = this.#ledger.adopt(segment, live.flatMap(decodeLive))
    this.#ledger.takeChanges()
    if (outcome !== 'added') this.#logger.warn('a stored checkpoint was not taken', { space: this.#ledger.id, outcome })
  }

  /** What should have been forgotten and was not, because the power was cut, is forgotten now. */
  async #take(bytes: Uint8Array): Promise<void> {
    const { outcome } = this.#ledger.ingest(bytes)
    for (const change of this.#ledger.takeChanges().ops) await this.store.rewrite(change)
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
    return { log: id, marker: { pub: log.by, epoch: log.epoch, seq, hash, life: this.store.life } }
  }
}
