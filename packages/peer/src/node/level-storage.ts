/** The `Storage` port on Level: every write is synced to disk, and a store that lost something is noticed (F13). */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmpError, fromUtf8, type Storage, type StorageOp, utf8 } from '@amp-mesh/protocol'
import { ClassicLevel } from 'classic-level'
import { GroupCommit } from '../group-commit.ts'
import { damagedTables } from './level-tables.ts'

type Database = ClassicLevel<string, Uint8Array>

export interface LevelStorageInit {
  /** Keep what can be read of a damaged store, instead of refusing to open it. */
  repair?: boolean
}

/** Level's own folder. */
const STORE = 'store'
/** Where tables go that are damaged: Level would end the process over them. */
const ASIDE = 'store-damaged'
/** Stands beside the store from its first opening on: without it an emptied folder would look like a new one. */
const MARKER = 'store-created'
const markerText = (life: number) =>
  `The store beside this file was created; amp-mesh never creates it a second time.\nrepaired: ${life}\n`
/**
 * Stands beside a store that was closed in order: the number of its last commit. Level passes over damaged ends of its
 * files as if nothing had been written there.
 */
const CLOSED = 'store-closed'
/**
 * In the store, before all keys of others: the numbers of the last commits, each in its place of a ring. Level passes
 * over a damaged commit in the midst of its log as well, and then its number is missing. The ring has room for all that
 * Level's log of 4 MiB may hold.
 */
const RING = 16_384
const placeOf = (commit: number) => `!commit/${String(commit % RING).padStart(5, '0')}`

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
  const life = await lifeOf(folder)
  try {
    // without CURRENT, its pointer to the newest manifest, Level silently starts an empty store
    if (life !== undefined && !existsSync(join(folder, STORE, 'CURRENT'))) throw damaged(folder)
    if ((await damagedTables(join(folder, STORE))).length > 0) throw (await isInUse(folder)) ?? damaged(folder)
    return await opened(folder, life ?? 0, database => check(folder, database, repair))
  } catch (error) {
    if (!repair || !(error instanceof AmpError) || error.code !== 'damaged-store') throw error
    // Level's own repair: it keeps every record of the tables that are left to it
    await mkdir(join(folder, STORE), { recursive: true, mode: 0o700 })
    await putAside(folder)
    await ClassicLevel.repair(join(folder, STORE))
    return opened(folder, (life ?? 0) + 1, async database => {
      await database.clear({ gte: placeOf(0), lte: placeOf(RING - 1) }) // commits are counted anew
      return 0
    })
  }
}

/** `look` looks whether the store is whole, and resolves with the number of its last commit. */
async function opened(folder: string, life: number, look: (database: Database) => Promise<number>): Promise<Storage> {
  const database = databaseIn(folder)
  try {
    await database.open()
    const last = await look(database)
    await writeWhole(join(folder, MARKER), markerText(life))
    await rm(join(folder, CLOSED), { force: true })
    return new LevelStorage(database, folder, life, last)
  } catch (error) {
    await database.close()
    throw storeError(folder, error)
  }
}

/** Not compressed: tables can be checked, and most of what is in them is hashes and signatures. */
const databaseIn = (folder: string): Database =>
  new ClassicLevel(join(folder, STORE), { keyEncoding: KEYS, valueEncoding: 'view', compression: false })

/** The error of a store that another process has open: its tables may be half written. */
async function isInUse(folder: string): Promise<Error | undefined> {
  // takes the lock, then fails because there is a store, before anything of it is read
  const failure = await databaseIn(folder)
    .open({ errorIfExists: true, createIfMissing: false })
    .catch(error => storeError(folder, error))
  return failure instanceof AmpError && failure.code === 'folder-in-use' ? failure : undefined
}

async function putAside(folder: string): Promise<void> {
  await mkdir(join(folder, ASIDE), { recursive: true, mode: 0o700 })
  for (const name of await damagedTables(join(folder, STORE)))
    await rename(join(folder, STORE, name), join(folder, ASIDE, name))
}

/** Rejects when commits are missing, or, where all is read, when something can't be. */
async function check(folder: string, database: Database, all: boolean): Promise<number> {
  const { last, missing } = await commitsIn(database)
  const closedAt = await closedCommit(folder)
  if (missing > 0 || (closedAt !== undefined && closedAt !== last)) throw damaged(folder)
  if (all) for await (const _pair of database.iterator({ fillCache: false }));
  return last
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
      const number = this.#commits + 1
      const counted = { type: 'put', key: placeOf(number), value: utf8(String(number)) } as const
      await database.batch([...ops.map(toBatch), counted], { sync: true })
      this.#commits = number
    })
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const value = await this.#database.get(key).catch(error => this.#refuse(error))
    return value === undefined ? undefined : plain(value)
  }

  write(ops: readonly StorageOp[]): Promise<void> {
    return this.#commit.write(ops)
  }

  async *range(from: string, to: string): AsyncIterable<[key: string, value: Uint8Array]> {
    const pairs = this.#database.iterator({ gte: from, lt: to })
    try {
      for (let pair = await this.#next(pairs); pair !== undefined; pair = await this.#next(pairs))
        if (!pair[0].startsWith('!')) yield [pair[0], plain(pair[1])]
    } finally {
      await pairs.close()
    }
  }

  #next(pairs: { next(): Promise<[string, Uint8Array] | undefined> }): Promise<[string, Uint8Array] | undefined> {
    return pairs.next().catch(error => this.#refuse(error))
  }

  #refuse(error: unknown): never {
    throw storeError(this.#folder, error)
  }

  async close(): Promise<void> {
    await this.#commit.settled()
    if (this.#database.status !== 'open') return
    await this.#database.close()
    await writeWhole(join(this.#folder, CLOSED), `${this.#commits}\n`)
  }
}

/** The last commit in the store, and how many of those that should still be in the ring are not. */
async function commitsIn(database: Database): Promise<{ last: number; missing: number }> {
  const values = await database.values({ gte: placeOf(0), lte: placeOf(RING - 1) }).all()
  const numbers = values.map(value => Number(fromUtf8(value)))
  const last = numbers.reduce((max, each) => Math.max(max, each), 0)
  const recent = new Set(numbers.filter(number => number > last - RING && number > 0))
  return { last, missing: Math.min(last, RING) - recent.size }
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

function storeError(folder: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return new Error(String(cause))
  const code = 'code' in cause ? cause.code : undefined
  if (code === 'LEVEL_LOCKED')
    return new AmpError('folder-in-use', `another process uses ${folder}`, cause.message, cause)
  // a file that is gone, or empty and so can't be mapped
  const isGone = code === 'LEVEL_IO_ERROR' && /no such file|invalid argument/i.test(cause.message)
  return code === 'LEVEL_CORRUPTION' || isGone ? damaged(folder, cause) : cause
}
