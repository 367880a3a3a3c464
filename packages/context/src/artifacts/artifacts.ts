/**
 * The artifacts of one space on one peer: put in, fetched from whoever holds them, served to whoever asks, and
 * forgotten when their authors erase them. What is shared in the space is fetched in the background, within quotas.
 */
import {
  AmpError,
  type Clock,
  concat,
  digestOf,
  type Hash,
  type Logger,
  type Message,
  type Op,
  type PeerId,
  type PublicKey,
  peerIdOf,
  type Rec,
  type RecordId,
  type SpaceId,
  type Storage,
  toBase64url,
} from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { chunkHashes, contentOf, isChunk, isConsistent, parcelOf } from './artifact.ts'
import { ChunkServer } from './chunk-server.ts'
import { ChunkStore } from './chunk-store.ts'
import { describing, hasRoom, isKept } from './holdings.ts'
import { Transfer } from './transfer.ts'

export type ArtifactMessage = Message<'chunk_want' | 'chunk'>

export interface ArtifactsInit {
  space: SpaceId
  self: PublicKey
  records: Records
  storage: Storage
  hash: Hash
  clock: Clock
  logger: Logger
  append(ops: readonly Op[]): Promise<Rec[]>
  /** Members that are connected now. */
  neighbours(): readonly PeerId[]
  /** False: not taken, the connection is full or gone. */
  send(peer: PeerId, message: ArtifactMessage): boolean
  /** It sent a chunk that nobody signed for. */
  onLie(peer: PeerId): void
}

interface Running {
  readonly transfer: Transfer
  readonly done: Promise<void>
  readonly stop: AbortController
}

/** Who waits for an artifact that nobody has asks again so many times, a second apart; the background goes on. */
const PATIENT = 20
/** Chunks that were damaged on this disk are fetched again; a disk that damages them again and again is broken. */
const READS = 3

export class Artifacts {
  readonly #init: ArtifactsInit
  readonly #store: ChunkStore
  readonly #server: ChunkServer
  /** By content id: what is fetched now, and what is being put in. */
  readonly #running = new Map<string, Running>()
  readonly #arriving = new Set<string>()
  readonly #ended = new AbortController()
  #background: Promise<void> | undefined
  /** There is something the background may not have looked at. */
  #isBehind = false

  static async open(init: ArtifactsInit): Promise<Artifacts> {
    const artifacts = new Artifacts(init, await ChunkStore.open(init.storage, init.space))
    await artifacts.#sweep()
    return artifacts
  }

  private constructor(init: ArtifactsInit, store: ChunkStore) {
    this.#init = init
    this.#store = store
    this.#server = new ChunkServer({ ...init, chunk: (content, n) => this.#sound(content, n) })
  }

  /**
   * Shares contents: resolves with their record once both are durable here. Rejects with `bad-input`, `too-large`, or
   * `quota` when this peer shared as much in this space as others will hold.
   */
  async put(name: string, mediaType: string, bytes: Uint8Array, agent?: string): Promise<Rec<'artifact'>> {
    const { records, self, hash, append } = this.#init
    const { op, chunks } = parcelOf(name, mediaType, bytes, hash)
    if (!hasRoom(records, this.#store.all(), self, op))
      throw new AmpError('quota', 'the artifacts of this space are as many as its members hold; erase some first')
    const content = contentOf(op)
    this.#arriving.add(content)
    try {
      await this.#store.put(content, new Map(chunks.entries()))
      const [record] = await append([agent === undefined ? op : { ...op, agent }])
      return record as Rec<'artifact'>
    } finally {
      this.#arriving.delete(content)
    }
  }

  /**
   * The contents of a live artifact, from here or from whoever holds them. Rejects with `no-such-record`, `bad-input`
   * when its record contradicts itself or its contents, `unreachable` when nobody has it, or with the signal's reason.
   */
  async get(id: RecordId, signal?: AbortSignal): Promise<Uint8Array> {
    const { records, hash } = this.#init
    const record = records.get(id)
    if (record?.op.k !== 'artifact' || !records.isLive(id))
      throw new AmpError('no-such-record', 'there is no such artifact, or its author took it back')
    const { op } = record
    if (!isConsistent(op)) throw wronglyDescribed()
    const numbers = chunkHashes(op).map((_, n) => n)
    for (let tries = 0; tries < READS; tries++) {
      await this.#fetch(record as Rec<'artifact'>, PATIENT, signal)
      const chunks = await Promise.all(numbers.map(n => this.#read(op, n)))
      if (chunks.includes(undefined)) continue
      const bytes = concat(...chunks.filter(chunk => chunk !== undefined))
      if (toBase64url(digestOf(bytes, hash)) !== op.sha256) throw wronglyDescribed()
      return bytes
    }
    throw new AmpError('damaged-store', 'the disk gives other bytes than were written; look after it')
  }

  async receive(from: PeerId, message: ArtifactMessage): Promise<void> {
    if (message.type === 'chunk_want') this.#server.add(from, message)
    else await this.#running.get(message.content)?.transfer.take(from, message.n, message.bytes)
  }

  /** There is news in the space, or a member came into reach. `news` is empty when records were taken away. */
  async note(news: readonly Rec[] = []): Promise<void> {
    if (news.length === 0 || news.some(({ op }) => op.k === 'retract')) await this.#sweep()
    this.#isBehind = true
    this.#background ??= this.#catchUp().finally(() => {
      this.#background = undefined
    })
  }

  /** A member is out of reach. */
  leave(peer: PeerId): void {
    for (const { transfer } of this.#running.values()) transfer.leave(peer)
  }

  /** Resolves when nothing is read for others any more. */
  close(): Promise<void> {
    this.#ended.abort(new AmpError('stopped', 'this space was closed'))
    return this.#server.end()
  }

  /** Forgets what is erased. */
  async #sweep(): Promise<void> {
    for (const content of new Set([...this.#store.all(), ...this.#running.keys()])) {
      if (this.#arriving.has(content) || isKept(this.#init.records, content)) continue
      this.#running.get(content)?.stop.abort(new AmpError('no-such-record', 'this artifact was erased'))
      await this.#store.drop(content)
    }
  }

  async #catchUp(): Promise<void> {
    while (this.#isBehind && !this.#ended.signal.aborted) {
      this.#isBehind = false
      await this.#fetchAll()
    }
  }

  /** One after the other, what there is room for. What nobody has now is tried again when somebody comes. */
  async #fetchAll(): Promise<void> {
    const { records, logger, space } = this.#init
    for (const record of records.of('artifact')) {
      if (this.#isWhole(record.op) || !isConsistent(record.op)) continue
      if (!hasRoom(records, this.#store.all(), record.by, record.op)) continue
      try {
        await this.#fetch(record, 0)
      } catch (error) {
        if (this.#ended.signal.aborted) return
        logger.debug('an artifact could not be fetched', { space, id: record.id, error: String(error) })
      }
    }
  }

  /** Resolves when all chunks are here. Whoever wants the same content waits for the same transfer. */
  async #fetch(record: Rec<'artifact'>, rounds: number, signal?: AbortSignal): Promise<void> {
    if (this.#isWhole(record.op)) return
    const running = this.#running.get(contentOf(record.op)) ?? this.#start(record)
    running.transfer.keepTrying(rounds)
    const aborted = Promise.withResolvers<never>()
    const leave = () => aborted.reject(signal?.reason)
    if (signal?.aborted) leave()
    signal?.addEventListener('abort', leave, { once: true })
    try {
      await Promise.race([running.done, aborted.promise])
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  #start({ by, op }: Rec<'artifact'>): Running {
    const { neighbours, send, space } = this.#init
    const author = peerIdOf(by)
    const content = contentOf(op)
    const transfer = new Transfer({
      ...this.#init,
      op,
      store: this.#store,
      holders: () => neighbours().toSorted((a, b) => Number(b === author) - Number(a === author)),
      ask: (holder, first, last) => send(holder, { type: 'chunk_want', space, content, first, last }),
    })
    const stop = new AbortController()
    const done = transfer
      .run(AbortSignal.any([stop.signal, this.#ended.signal]))
      .finally(() => this.#running.delete(content))
    const running = { transfer, done, stop }
    this.#running.set(content, running)
    return running
  }

  /** For others: only of what is live. */
  async #sound(content: string, n: number): Promise<Uint8Array | undefined> {
    const record = describing(this.#init.records, content)
    return record === undefined ? undefined : this.#read(record.op, n)
  }

  /** Undefined, and not held any more, when it is not what its author signed for. */
  async #read(op: Op<'artifact'>, n: number): Promise<Uint8Array | undefined> {
    const content = contentOf(op)
    if (!this.#store.has(content, n)) return undefined
    const bytes = await this.#store.get(content, n)
    if (bytes !== undefined && isChunk(op, n, bytes, this.#init.hash)) return bytes
    await this.#store.lose(content, n)
    return undefined
  }

  #isWhole(op: Op<'artifact'>): boolean {
    return chunkHashes(op).every((_, n) => this.#store.has(contentOf(op), n))
  }
}

const wronglyDescribed = () => new AmpError('bad-input', 'the author of this artifact described it wrongly')
