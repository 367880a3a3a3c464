/** The `Storage` port on Level: every write is synced to disk, and a store that lost something is noticed (F13). */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmpError, fromUtf8, type Storage, type StorageOp, utf8 } from '@amp-mesh/protocol'
import { ClassicLevel } from 'classic-level'
import { GroupCommit } from '../group-commit.ts'

type Database = ClassicLevel<string, Uint8Array>

export interface LevelStorageInit {
  /** Keep what can be read of a damaged store, instead of refusing to open it. */
  repair?: boolean
}

/** Stands beside the store from its first opening on: without it an emptied folder would look like a new one. */
const MARKER = 'store-created'
const markerText = (life: number) =>
  `The store beside this file was created; amp-mesh never creates it a second time.\nrepaired: ${life}\n`
/**
 * Stands beside a store that was closed in order: the number of its last commit. Level passes over damaged ends of its
 * files as if nothing had been written there.
 */
const CLOSED = 'store-closed'
/** In the store, before all keys of others: the number of the last commit. */
const COMMITS = '!commits'

/** UTF-16, big-endian: bytes that sort as the port says keys do. UTF-8 sorts otherwise beyond U+FFFF. */
const KEYS = {
  name: 'utf16be',
  format: 'buffer',
  encode: (key: string) => Buffer.from(key, 'utf16le').swap16(),
  decode: (bytes: Buffer) => Buffer.from(bytes).swap16().toString('utf16le'),
} as const

/**
 * Opens or creates the store in `folder`. Level's lock ends with the process, so a kill -9 leaves nothing locked.
 * Rejects with `folder-in-use` or `damaged-store`; with `repair` a damaged store opens with what is left of it.
 */
export async function openLevelStorage(folder: string, { repair = false }: LevelStorageInit = {}): Promise<Storage> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const store = join(folder, 'store')
  const earlier = await lifeOf(folder)
  // without CURRENT, its pointer to the newest manifest, Level silently starts an empty store
  let isDamaged = earlier !== undefined && !existsSync(join(store, 'CURRENT'))
  if (isDamaged && !repair) throw damaged(folder)
  if (isDamaged) await salvage(store)
  const database: Database = new ClassicLevel(store, { keyEncoding: KEYS, valueEncoding: 'view' })
  try {
    await database.open().catch(async error => {
      const failure = openError(folder, error)
      if (!repair || !(failure instanceof AmpError) || failure.code !== 'damaged-store') throw failure
      isDamaged = true
      await salvage(store)
      await database.open()
    })
    const commits = await numberAt(database, COMMITS)
    const closedAt = await closedCommit(folder)
    isDamaged ||= closedAt !== undefined && closedAt !== commits
    if (isDamaged && !repair) throw damaged(folder)
    const life = (earlier ?? 0) + (isDamaged ? 1 : 0)
    await writeWhole(join(folder, MARKER), markerText(life))
    await rm(join(folder, CLOSED), { force: true })
    return new LevelStorage(database, folder, life, commits)
  } catch (error) {
    await database.close()
    throw error
  }
}

class LevelStorage implements Storage {
  readonly life: number
  readonly #database: Database
  readonly #folder: string
  readonly #commit: GroupCommit
  #commits: number

  constructor(database: Database, folder: string, life: number, commits: number) {
    this.life = life
    this.#database = database
    this.#folder = folder
    this.#commits = commits
    this.#commit = new GroupCommit(async ops => {
      const counted = { type: 'put', key: COMMITS, value: utf8(String(this.#commits + 1)) } as const
      await database.batch([...ops.map(toBatch), counted], { sync: true })
      this.#commits++
    })
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const value = await this.#database.get(key)
    return value === undefined ? undefined : plain(value)
  }

  write(ops: readonly StorageOp[]): Promise<void> {
    return this.#commit.write(ops)
  }

  async *range(from: string, to: string): AsyncIterable<[key: string, value: Uint8Array]> {
    for await (const [key, value] of this.#database.iterator({ gte: from, lt: to }))
      if (!key.startsWith('!')) yield [key, plain(value)]
  }

  async close(): Promise<void> {
    await this.#commit.settled()
    if (this.#database.status !== 'open') return
    await this.#database.close()
    await writeWhole(join(this.#folder, CLOSED), `${this.#commits}\n`)
  }
}

/** Level's own repair: it keeps every record whose checksum holds. */
async function salvage(store: string): Promise<void> {
  await mkdir(store, { recursive: true, mode: 0o700 })
  await ClassicLevel.repair(store)
}

async function numberAt(database: Database, key: string): Promise<number> {
  const value = await database.get(key)
  return value === undefined ? 0 : Number(fromUtf8(value))
}

/** The commit after which the store was closed; undefined when it was not, as after a crash. NaN for a damaged note. */
async function closedCommit(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, CLOSED), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : /^\d+\n$/.test(text) ? Number(text) : Number.NaN
}

/** How often the store was repaired; undefined when there is none yet. */
async function lifeOf(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, MARKER), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : Number(/^repaired: (\d+)$/m.exec(text)?.[1] ?? 0)
}

/** Written aside and renamed: the file is there whole, or as it was. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { flush: true })
  await rename(`${path}.new`, path)
}

/** Level hands out Buffers, whose `slice` shares memory where that of a Uint8Array copies. */
const plain = (bytes: Uint8Array) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)

const toBatch = (op: StorageOp) =>
  'put' in op ? ({ type: 'put', key: op.put, value: op.value } as const) : ({ type: 'del', key: op.del } as const)

const damaged = (folder: string, cause?: unknown) =>
  new AmpError(
    'damaged-store',
    `the store in ${folder} is damaged, or lost something; start once with --repair: ` +
      'what can be read stays, other members give back the rest',
    cause instanceof Error ? cause.message : undefined,
    cause,
  )

function openError(folder: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return new Error(String(cause))
  const code = 'code' in cause ? cause.code : undefined
  if (code === 'LEVEL_LOCKED')
    return new AmpError('folder-in-use', `another process uses ${folder}`, cause.message, cause)
  return code === 'LEVEL_CORRUPTION' ? damaged(folder, cause) : cause
}
