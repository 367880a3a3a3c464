/** The `Storage` port on Level: every write is synced to disk, and a store that has vanished is noticed (F13). */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmpError, type Storage, type StorageOp } from '@amp-mesh/protocol'
import { Level } from 'level'
import { GroupCommit } from '../group-commit.ts'

type Database = Level<string, Uint8Array>

/** Stands beside the store from its first opening on: without it an emptied folder would look like a new one. */
const MARKER = 'store-created'
const MARKER_TEXT = 'The store beside this file was created; amp-mesh never creates it a second time.\n'

/** UTF-16, big-endian: bytes that sort as the port says keys do. UTF-8 sorts otherwise beyond U+FFFF. */
const KEYS = {
  name: 'utf16be',
  format: 'buffer',
  encode: (key: string) => Buffer.from(key, 'utf16le').swap16(),
  decode: (bytes: Buffer) => Buffer.from(bytes).swap16().toString('utf16le'),
} as const

/**
 * Opens or creates the store in `folder`. Level's lock ends with the process, so a kill -9 leaves nothing locked.
 * Rejects with `folder-in-use` or `damaged-store`.
 */
export async function openLevelStorage(folder: string): Promise<Storage> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const store = join(folder, 'store')
  const marker = join(folder, MARKER)
  // without CURRENT, its pointer to the newest manifest, Level silently starts an empty store
  if (existsSync(marker) && !existsSync(join(store, 'CURRENT'))) throw damaged(folder)
  const database: Database = new Level(store, { keyEncoding: KEYS, valueEncoding: 'view' })
  try {
    await database.open()
  } catch (error) {
    throw openError(folder, error)
  }
  await writeFile(marker, MARKER_TEXT, { flag: 'w', flush: true })
  return new LevelStorage(database)
}

class LevelStorage implements Storage {
  readonly #database: Database
  readonly #commit: GroupCommit

  constructor(database: Database) {
    this.#database = database
    this.#commit = new GroupCommit(ops => database.batch(ops.map(toBatch), { sync: true }))
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const value = await this.#database.get(key)
    return value === undefined ? undefined : plain(value)
  }

  write(ops: readonly StorageOp[]): Promise<void> {
    return this.#commit.write(ops)
  }

  async *range(from: string, to: string): AsyncIterable<[key: string, value: Uint8Array]> {
    for await (const [key, value] of this.#database.iterator({ gte: from, lt: to })) yield [key, plain(value)]
  }

  async close(): Promise<void> {
    await this.#commit.settled()
    await this.#database.close()
  }
}

/** Level hands out Buffers, whose `slice` shares memory where that of a Uint8Array copies. */
const plain = (bytes: Uint8Array) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)

const toBatch = (op: StorageOp) =>
  'put' in op ? ({ type: 'put', key: op.put, value: op.value } as const) : ({ type: 'del', key: op.del } as const)

const damaged = (folder: string, cause?: unknown) =>
  new AmpError(
    'damaged-store',
    `the store in ${folder} is gone or damaged; restore it from a backup, or delete the folder to start anew`,
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
