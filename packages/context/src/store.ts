/** What a peer keeps of a space on disk: genesis, segments of its logs, other histories of forked ones, own markers. */
import {
  canonicalBytes,
  decodeGenesis,
  fromBase64url,
  type LogId,
  parseCanonical,
  type SpaceId,
  type Storage,
  type StorageOp,
  toBase64url,
} from '@amp-mesh/protocol'
import type { Piece } from './ledger/history.ts'
import { encodeSegment } from './ledger/segment.ts'

/** Where an own log ended when it was last written. A chain that does not reach it has lost something. */
export interface HeadMarker {
  readonly epoch: number
  readonly seq: number
  readonly hash: Uint8Array
}

/** Everything stored of a space, to be taken in again in this order: segments, then branches. */
export interface Stored {
  /** Verifiers' first, for they admit the others; each log's from its beginning. */
  readonly segments: readonly Uint8Array[]
  /** Segments of other histories of forked logs, each from its beginning. */
  readonly branches: readonly Uint8Array[]
  readonly markers: readonly HeadMarker[]
}

/** One change to be stored; all changes of one `write` become durable together, or none. */
export type StoreChange =
  | { readonly segment: Uint8Array; readonly log: LogId; readonly from: number }
  /** All that is held of another history than the one the log began with. */
  | { readonly fork: readonly Piece[]; readonly log: LogId }
  | { readonly marker: HeadMarker; readonly log: LogId }

export class SpaceStore {
  readonly #storage: Storage
  readonly #prefix: string
  /** Keys of branches on disk, by log. */
  readonly #branches = new Map<LogId, ReadonlySet<string>>()

  constructor(storage: Storage, space: SpaceId) {
    this.#storage = storage
    this.#prefix = `space/${space}/`
  }

  /** Ids of the spaces that a storage holds. */
  static async list(storage: Storage): Promise<{ id: SpaceId; genesis: Uint8Array }[]> {
    const found: { id: SpaceId; genesis: Uint8Array }[] = []
    for (let from = 'space/'; ; ) {
      const first = await firstOf(storage.range(from, after('space/')))
      if (first === undefined) return found
      const id = first[0].split('/')[1] as SpaceId
      const genesis = await storage.get(`space/${id}/genesis`)
      if (genesis !== undefined) found.push({ id, genesis })
      from = after(`space/${id}/`)
    }
  }

  async load(): Promise<Stored> {
    const [segments, branches, markers] = await Promise.all([
      this.#values('log/'),
      this.#loadBranches(),
      this.#values('own/'),
    ])
    const genesis = await this.genesis()
    const verifiers = new Set(genesis === undefined ? [] : decodeGenesis(genesis).verifiers.map(({ pub }) => pub))
    const isVerifiers = (segment: Uint8Array) => verifiers.has(toBase64url(segment.subarray(0, 32)))
    return {
      segments: [...segments.filter(isVerifiers), ...segments.filter(segment => !isVerifiers(segment))],
      branches,
      markers: markers.flatMap(bytes => readMarker(bytes) ?? []),
    }
  }

  genesis(): Promise<Uint8Array | undefined> {
    return this.#storage.get(`${this.#prefix}genesis`)
  }

  putGenesis(value: Uint8Array): Promise<void> {
    return this.#storage.write([{ put: `${this.#prefix}genesis`, value }])
  }

  /** Resolves when the changes survive a power cut. */
  write(changes: readonly StoreChange[]): Promise<void> {
    return this.#storage.write(changes.flatMap(change => this.#opsOf(change)))
  }

  #opsOf(change: StoreChange): StorageOp[] {
    if ('segment' in change)
      return [{ put: `${this.#prefix}log/${change.log}/${padded(change.from)}`, value: change.segment }]
    if ('marker' in change) return [{ put: `${this.#prefix}own/${change.log}`, value: writeMarker(change.marker) }]
    return this.#opsOfBranches(change.log, change.fork)
  }

  /** A piece that grew has another last entry, and so another key. */
  #opsOfBranches(log: LogId, pieces: readonly Piece[]): StorageOp[] {
    const before = this.#branches.get(log) ?? new Set<string>()
    const now = new Map(pieces.map(piece => [this.#keyOf(log, piece), piece]))
    this.#branches.set(log, new Set(now.keys()))
    const fresh = [...now].filter(([key]) => !before.has(key))
    return [
      ...[...before].filter(key => !now.has(key)).map(key => ({ del: key })),
      ...fresh.map(([key, { segment }]) => ({ put: key, value: encodeSegment(segment) })),
    ]
  }

  #keyOf(log: LogId, { segment, hashes }: Piece): string {
    return `${this.#prefix}fork/${log}/${padded(segment.from)}-${toBase64url(hashes.at(-1) as Uint8Array)}`
  }

  async #loadBranches(): Promise<Uint8Array[]> {
    const segments: Uint8Array[] = []
    const from = `${this.#prefix}fork/`
    for await (const [key, value] of this.#storage.range(from, after(from))) {
      const log = key.slice(from.length).split('/')[0] as LogId
      this.#branches.set(log, new Set(this.#branches.get(log)).add(key))
      segments.push(value)
    }
    return segments
  }

  async #values(part: string): Promise<Uint8Array[]> {
    const values: Uint8Array[] = []
    const from = this.#prefix + part
    for await (const [, value] of this.#storage.range(from, after(from))) values.push(value)
    return values
  }
}

/** Sequences as text that sorts like numbers: a log's quota allows fewer than 10^9 entries. */
const padded = (seq: number) => String(seq).padStart(9, '0')

/** The first key behind all keys that start with `prefix` (which ends in a slash). */
const after = (prefix: string) => `${prefix.slice(0, -1)}0`

const writeMarker = ({ epoch, seq, hash }: HeadMarker) => canonicalBytes({ epoch, seq, hash: toBase64url(hash) })

/** Undefined for a damaged marker, which then counts as none. */
function readMarker(bytes: Uint8Array): HeadMarker | undefined {
  try {
    const { epoch, seq, hash } = parseCanonical(bytes) as { epoch: number; seq: number; hash: string }
    return { epoch, seq, hash: fromBase64url(hash) }
  } catch {
    return undefined
  }
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}
