/** Where a peer keeps its things: `<data folder>/<mesh>/<agent name>`, held by one process at a time. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmpError, type Random, type Storage, toBase64url } from '@amp-mesh/protocol'
import envPaths from 'env-paths'
import { seedFromFile } from './identity-file.ts'
import { openLevelStorage } from './level-storage.ts'

export interface DataFolder {
  readonly path: string
  readonly storage: Storage
  /** The 32 secret bytes of the peer's key. */
  readonly seed: Uint8Array
  /** What programs of this user show to speak as this peer: the text of the file `token`. */
  readonly token: string
  readonly tokenFile: string
  /** Closes the storage and lets others in. */
  close(): Promise<void>
}

export interface DataFolderInit {
  /** The data folder of all meshes; default: the platform's, see {@link dataRoot}. */
  root?: string
  /** Name of the mesh, and of the agent or peer: each becomes a folder. */
  mesh: string
  name: string
  random: Random
  /** Keep what can be read of a damaged store, instead of refusing to open it. */
  repair?: boolean
}

/** The platform's folder for application data, e.g. `~/.local/share/amp-mesh`. */
export const dataRoot = (): string => envPaths('amp-mesh', { suffix: '' }).data

/**
 * Opens the folder, made at need. Its lock is that of the store: the kernel ends it with the process, however that
 * dies. Rejects with `folder-in-use`, which names the process that holds it, or `damaged-store`.
 */
export async function openDataFolder(init: DataFolderInit): Promise<DataFolder> {
  const path = join(init.root ?? dataRoot(), folderName(init.mesh), folderName(init.name))
  await mkdir(path, { recursive: true, mode: 0o700 })
  const holder = join(path, 'pid')
  const storage = await openLevelStorage(path, init).catch(async error => {
    if (error instanceof AmpError && error.code === 'folder-in-use') throw await inUse(path, holder, error)
    throw error
  })
  try {
    await writeFile(holder, `${process.pid}\n`)
    const seed = await seedFromFile(join(path, 'key'), init.random)
    const tokenFile = join(path, 'token')
    const token = toBase64url(await seedFromFile(tokenFile, init.random))
    return { path, storage, seed, token, tokenFile, close: () => close(storage, holder) }
  } catch (error) {
    await close(storage, holder)
    throw error
  }
}

/** A name as a folder on every platform: other characters become `_`, and it never starts with a dot. */
export const folderName = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\./, '_')
    .slice(0, 100) || '_'

async function close(storage: Storage, holder: string): Promise<void> {
  await rm(holder, { force: true })
  await storage.close()
}

async function inUse(path: string, holder: string, cause: AmpError): Promise<AmpError> {
  const pid = await readFile(holder, 'utf8').catch(() => '')
  const who = /^\d+$/.test(pid.trim()) ? `process ${pid.trim()}` : 'another process'
  return new AmpError(
    'folder-in-use',
    `${who} uses ${path}; stop it, or give this peer another name or data folder`,
    cause.note,
    cause,
  )
}
