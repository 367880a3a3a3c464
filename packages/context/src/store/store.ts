/**
 * What a peer keeps of a space on disk: genesis, segments of its logs, other histories of forked ones, and where each
 * log ended. Every value is sealed; what is damaged is left out and told, never handed on as if it were whole.
 */
import {
  canonicalBytes,
  decodeGenesis,
  fromBase64url,
  type Hash,
  LEDGER_LIMITS,
  type LogId,
  logIdOf,
  type PublicKey,
  parseCanonical,
  portableHash,
  type SpaceId,
  type Storage,
  type StorageOp,
  toBase64url,
} from '@amp-mesh/protocol'
import type { OpChange } from '../ledger/changes.ts'
import type { Piece } from '../ledger/history.ts'
import { merged, type StoredSegment } from '../ledger/merge.ts'
import { decodeSegment, type Entry, encodeSegment, isForgotten, type OpBytes, rangeOf } from '../ledger/segment.ts'
import { prefixEnd } from './prefix-end.ts'
import { sealed, unsealed } from './seal.ts'

/** Where a log ended when it was last written. What is read of it must reach so far, or something was lost. */
export interface HeadMarker {
  readonly pub: PublicKey
  readonly epoch: number
  readonly seq: number
  readonly hash: Uint8Array
  /** Life of the storage in which it was written. */
  readonly life: number
}

/** One change to be stored; all changes of one `write` become durable together, or none. */
export type StoreChange =
  | { readonly segment: Uint8Array; readonly log: LogId; readonly from: number }
  /** All that is held of other histories than the one the log began with. */
  | { readonly branches: readonly Piece[]; readonly log: LogId }
  | { readonly marker: HeadMarker; readonly log: LogId }

/** How a log begins of which nothing before a checkpoint is held. `live`: parts, see checkpoint-parts.ts. */
export interface Beginning {
  /** It begins with the entry of the checkpoint. */
  readonly segment: Uint8Array
  readonly live: readonly Uint8Array[]
}

export interface StoredCheckpoint extends Beginning {
  readonly log: LogId
}

export interface StoreOptions {
  /** Default: the portable one. */
  hash?: Hash
  /** A stored value is not what was written under this name: it was left out. */
  onDamage?(name: string): void
}

export class SpaceStore {
  readonly #storage: Storage
  readonly #space: SpaceId
  readonly #prefix: string
  readonly #hash: Hash
  readonly #onDamage: (name: string) => void
  /** Names of the pieces of branches on disk, by log. */
  readonly #branches = new Map<LogId, ReadonlySet<string>>()

  constructor(storage: Storage, space: SpaceId, { hash = portableHash, onDamage = () => {} }: StoreOptions = {}) {
    this.#storage = storage
    this.#space = space
    this.#prefix = `space/${space}/`
    this.#hash = hash
    this.#onDamage = onDamage
  }

  /** How often the storage was damaged and repaired. */
  get life(): number {
    return this.#storage.life
  }

  /** Ids of the spaces that a storage holds. */
  static async list(storage: Storage): Promise<{ id: SpaceId; genesis: Uint8Array }[]> {
    const found: { id: SpaceId; genesis: Uint8Array }[] = []
    for (let from = 'space/'; ; ) {
      const first = await firstOf(storage.range(from, prefixEnd('space/')))
      if (first === undefined) return found
      const id = first[0].split('/')[1] as SpaceId
      const genesis = await storage.get(`space/${id}/genesis`)
      if (genesis !== undefined) found.push({ id, genesis })
      from = prefixEnd(`space/${id}/`)
    }
  }

  /** Not sealed: its hash is the space's id. */
  genesis(): Promise<Uint8Array | undefined> {
    return this.#storage.get(`${this.#prefix}genesis`)
  }

  putGenesis(value: Uint8Array): Promise<void> {
    return this.#storage.write([{ put: `${this.#prefix}genesis`, value }])
  }

  /**
   * The first histories of all logs, in an order in which each part joins what came before. Verifiers' come first:
   * they admit the others, and stand behind checkpoints.
   */
  async *parts(): AsyncIterable<Uint8Array | Beginning> {
    for await (const { bytes } of this.segments('verifiers')) yield bytes
    yield* await this.checkpoints()
    for await (const { bytes } of this.segments('others')) yield bytes
  }

  /** Stored segments, merged, each log from its beginning or its checkpoint. */
  async *segments(which: 'verifiers' | 'others'): AsyncIterable<StoredSegment> {
    const verifiers = await this.#logsOfVerifiers()
    if (which === 'others') yield* merged(this.#piecesBesides(verifiers))
    else for (const log of verifiers) yield* this.segmentsOf(log)
  }

  /** Stored segments that hold entries of [from, to], merged; the first may begin earlier, the last end later. */
  segmentsOf(log: LogId, from = 0, to: number = LAST): AsyncIterable<StoredSegment> {
    return merged(this.#pieces(log, from, to))
  }

  /** The first segment of a log that reaches entry `to`, where one segment can; else its beginning. */
  async firstSegment(log: LogId, to: number): Promise<Uint8Array | undefined> {
    return (await firstOf(this.segmentsOf(log, 0, to)))?.bytes
  }

  /** The stored segment that holds entry `seq`. */
  async covering(log: LogId, seq: number): Promise<Uint8Array | undefined> {
    return firstOf(this.#pieces(log, seq, seq))
  }

  /** Of a log that begins with a checkpoint: the segment that begins with it, and the live records before it. */
  async checkpoints(log = ''): Promise<StoredCheckpoint[]> {
    const found = new Map<string, { segment?: Uint8Array; live: Uint8Array[] }>()
    const part = log === '' ? 'ckpt/' : `ckpt/${log}/`
    for await (const [name, bytes] of this.#values(part)) {
      const [, id, what] = name.split('/') as [string, string, string]
      const checkpoint = found.get(id) ?? { live: [] }
      found.set(id, checkpoint)
      if (what === 'segment') checkpoint.segment = bytes
      else checkpoint.live.push(bytes)
    }
    return [...found].flatMap(([id, { segment, live }]) => (segment === undefined ? [] : [{ log: id, segment, live }]))
  }

  /** Replaces what is stored of a log before a checkpoint, all at once. Resolves when that survives a power cut. */
  async begin({ log, segment, live }: StoredCheckpoint): Promise<void> {
    const dels: StorageOp[] = []
    const { from } = rangeOf(segment)
    for (const part of [`log/${log}/`, `ckpt/${log}/`]) {
      const start = this.#prefix + part
      const end = part.startsWith('log') ? start + padded(from) : prefixEnd(start)
      for await (const [key] of this.#storage.range(start, end)) dels.push({ del: key })
    }
    await this.#storage.write([
      ...dels,
      this.#put(`log/${log}/${padded(from)}`, segment),
      this.#put(`ckpt/${log}/segment`, segment),
      ...live.map((bytes, i) => this.#put(`ckpt/${log}/${padded(i)}`, bytes)),
    ])
  }

  /** Segments of other histories of forked logs, each from its beginning. To be taken in after `segments`. */
  async *branches(): AsyncIterable<Uint8Array> {
    for await (const [name, bytes] of this.#values('fork/')) {
      const log = name.split('/')[1] as LogId
      this.#branches.set(log, new Set(this.#branches.get(log)).add(name))
      yield bytes
    }
  }

  async markers(): Promise<HeadMarker[]> {
    const found = await collected(this.#values('head/'))
    return found.map(([, bytes]) => readMarker(bytes))
  }

  /** Resolves when the changes survive a power cut. */
  write(changes: readonly StoreChange[]): Promise<void> {
    return this.#storage.write(changes.flatMap(change => this.#opsOf(change)))
  }

  /** Bytes of the k-th op of entry `seq`; undefined where they were forgotten, or never here. */
  async opAt(log: LogId, seq: number, k: number): Promise<Uint8Array | undefined> {
    const piece = await this.covering(log, seq)
    const segment = piece && decodeSegment(piece)
    const op = segment?.entries[seq - segment.from]?.ops[k]
    return op === undefined || isForgotten(op) ? undefined : op
  }

  /** Replaces the bytes of one op by their hash, or its hash by the bytes. Resolves when that survives a power cut. */
  async rewrite({ log, seq, k, bytes }: OpChange): Promise<void> {
    const changes: StoreChange[] = []
    for await (const piece of this.#pieces(log, seq, seq)) {
      const segment = decodeSegment(piece)
      const entry = segment.entries[seq - segment.from] as Entry
      const ops = entry.ops.with(k, bytes ?? this.#leafOf(entry.ops[k] as OpBytes))
      const entries = segment.entries.with(seq - segment.from, { ...entry, ops })
      changes.push({ segment: encodeSegment({ ...segment, entries }), log, from: segment.from })
    }
    if (changes.length > 0) await this.write(changes)
  }

  /**
   * Stores a segment in place of what is damaged, and of all else that it holds too. What goes on behind its end stays,
   * and may overlap with it: a segment can't be cut short, its signature is over its end. Resolves when that survives a
   * power cut.
   */
  async replace(log: LogId, segment: Uint8Array): Promise<void> {
    const { from, to } = rangeOf(segment)
    const part = `log/${log}/`
    const longer = new Set<string>()
    for await (const [name, bytes] of this.#values(part, padded(from), padded(to + 1)))
      if (rangeOf(bytes).to > to) longer.add(this.#prefix + name)
    const start = this.#prefix + part
    if (longer.has(start + padded(from))) return
    const dels: StorageOp[] = []
    for await (const [key] of this.#storage.range(start + padded(from), start + padded(to + 1)))
      if (!longer.has(key)) dels.push({ del: key })
    await this.#storage.write([...dels, this.#put(part + padded(from), segment)])
  }

  #leafOf(op: OpBytes): OpBytes {
    if (isForgotten(op)) return op
    const leaf = new Uint8Array(32)
    this.#hash(op, leaf, 0)
    return { length: op.length, leaf }
  }

  #opsOf(change: StoreChange): StorageOp[] {
    if ('segment' in change) return [this.#put(`log/${change.log}/${padded(change.from)}`, change.segment)]
    if ('marker' in change) return [this.#put(`head/${change.log}`, writeMarker(change.marker))]
    return this.#opsOfBranches(change.log, change.branches)
  }

  /** A piece that grew has another last entry, and so another name. */
  #opsOfBranches(log: LogId, pieces: readonly Piece[]): StorageOp[] {
    const before = this.#branches.get(log) ?? new Set<string>()
    const now = new Map(pieces.map(piece => [branchName(log, piece), piece]))
    this.#branches.set(log, new Set(now.keys()))
    return [
      ...[...before].filter(name => !now.has(name)).map(name => ({ del: this.#prefix + name })),
      ...[...now].flatMap(([name, piece]) => (before.has(name) ? [] : [this.#put(name, encodeSegment(piece.segment))])),
    ]
  }

  #put(name: string, value: Uint8Array): StorageOp {
    return { put: this.#prefix + name, value: sealed(name, value, this.#hash) }
  }

  async *#pieces(log: LogId, from: number, to: number): AsyncIterable<Uint8Array> {
    // no segment has more entries than this, so whatever holds `from` begins here or later
    const start = padded(Math.max(0, from - LEDGER_LIMITS.entriesPerSegment + 1))
    const end = padded(Math.min(to + 1, LAST))
    for await (const [, bytes] of this.#values(`log/${log}/`, start, end)) if (rangeOf(bytes).to >= from) yield bytes
  }

  async *#piecesBesides(logs: ReadonlySet<LogId>): AsyncIterable<Uint8Array> {
    for await (const [name, bytes] of this.#values('log/')) if (!logs.has(name.split('/')[1] ?? '')) yield bytes
  }

  async #logsOfVerifiers(): Promise<Set<LogId>> {
    const genesis = await this.genesis()
    if (genesis === undefined) return new Set()
    const { verifiers, limits } = decodeGenesis(genesis)
    const epochs = Array.from({ length: limits.epochsPerAuthor }, (_, epoch) => epoch)
    return new Set(verifiers.flatMap(({ pub }) => epochs.map(epoch => logIdOf(this.#space, fromBase64url(pub), epoch))))
  }

  /** Whole values whose names start with `part`, and go on from `from` to `to`. */
  async *#values(part: string, from = '', to?: string): AsyncIterable<[name: string, value: Uint8Array]> {
    const start = this.#prefix + part
    const end = to === undefined ? prefixEnd(start) : start + to
    for await (const [key, bytes] of this.#storage.range(start + from, end)) {
      const name = key.slice(this.#prefix.length)
      const value = unsealed(name, bytes, this.#hash)
      if (value === undefined) this.#onDamage(name)
      else yield [name, value]
    }
  }
}

/** Sequences as text that sorts like numbers: a log's quota allows fewer than 10^9 entries. */
const LAST = 999_999_999
const padded = (seq: number) => String(seq).padStart(9, '0')

/** A piece whose missing bytes came has another name too. */
function branchName(log: LogId, { segment, hashes }: Piece): string {
  const missing = segment.entries.reduce((sum, { ops }) => sum + ops.filter(isForgotten).length, 0)
  const name = `fork/${log}/${padded(segment.from)}-${toBase64url(hashes.at(-1) as Uint8Array)}`
  return missing > 0 ? `${name}-${missing}` : name
}

const writeMarker = ({ hash, ...marker }: HeadMarker) => canonicalBytes({ ...marker, hash: toBase64url(hash) })

function readMarker(bytes: Uint8Array): HeadMarker {
  const { hash, ...marker } = parseCanonical(bytes) as Omit<HeadMarker, 'hash'> & { hash: string }
  return { ...marker, hash: fromBase64url(hash) }
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
