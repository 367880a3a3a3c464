/** What peers of this machine keep, read without starting any: from their folders, or from those that run. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MemoryStorage, SpaceStore } from '@amp-mesh/context'
import type { Part, StoredSpace } from '@amp-mesh/context/history'
import { AmpError, type Identity, type SpaceId, type Storage } from '@amp-mesh/protocol'
import { dataRoot, folderName } from './data-folder.ts'
import { doorOf } from './door-storage.ts'
import { identityOf, seedFromFile } from './identity-file.ts'
import { openLevelStorage } from './level-storage.ts'
import { opensslHash } from './openssl-hash.ts'
import { roomsUrl } from './rooms-url.ts'
import type { DoorFile } from './store-door.ts'
import { systemRandom } from './system-random.ts'

/** The data folder of a peer. */
export interface ArchivePlace {
  /** Names of the folders: of its mesh, and its own. */
  readonly mesh: string
  readonly name: string
  readonly path: string
}

export interface Archive extends ArchivePlace {
  readonly identity: Identity
  /** The whole store; of a running peer, as it is now. */
  readonly storage: Storage
  readonly isRunning: boolean
  /** Of a running peer: where y-websocket clients attach to a space of its, and the token they show. */
  readonly rooms?: { url(space: SpaceId): string; readonly token: string }
  spaces(): Promise<{ id: SpaceId; genesis: Uint8Array }[]>
  /** All that is stored of a space, as it stood at one moment. */
  read(space: SpaceId): Promise<StoredSpace>
  close(): Promise<void>
}

/** The folders below `root` (default: the platform's) in which a peer has stored something, by name. */
export async function archivePlaces({
  root = dataRoot(),
  mesh,
  name,
}: {
  root?: string
  mesh?: string
  name?: string
}): Promise<ArchivePlace[]> {
  const meshes = mesh === undefined ? await foldersIn(root) : [folderName(mesh)]
  const places: ArchivePlace[] = []
  for (const each of meshes)
    for (const folder of name === undefined ? await foldersIn(join(root, each)) : [folderName(name)]) {
      const path = join(root, each, folder)
      if (existsSync(join(path, 'store-created'))) places.push({ mesh: each, name: folder, path })
    }
  return places
}

/** Rejects with `damaged-store`, or with `folder-in-use` for a peer that is just starting or ending. */
export async function openArchive(place: ArchivePlace): Promise<Archive> {
  const { storage, rooms } = await storageOf(place.path)
  try {
    const identity = identityOf(await seedFromFile(join(place.path, 'key'), systemRandom))
    return {
      ...place,
      identity,
      storage,
      isRunning: rooms !== undefined,
      ...(rooms && { rooms: { url: space => roomsUrl(rooms.authority, space), token: rooms.token } }),
      spaces: () => SpaceStore.list(storage),
      read: async space => readSpace(await momentOf(storage, space), space),
      close: () => storage.close(),
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** `rooms`: of a peer that runs. */
async function storageOf(path: string): Promise<{ storage: Storage; rooms?: DoorFile['rooms'] }> {
  try {
    return { storage: await openLevelStorage(path) }
  } catch (error) {
    const door = await doorOf(path)
    if (!(error instanceof AmpError && error.code === 'folder-in-use') || door === undefined) throw error
    return door
  }
}

async function readSpace(storage: Storage, space: SpaceId): Promise<StoredSpace> {
  const damaged: string[] = []
  const store = new SpaceStore(storage, space, { hash: opensslHash, onDamage: name => damaged.push(name) })
  const parts: Part[] = []
  for await (const part of store.parts()) parts.push(part)
  const proofs: Uint8Array[] = []
  for await (const bytes of store.branches()) proofs.push(bytes)
  const genesis = (await store.genesis()) ?? new Uint8Array()
  return { genesis, parts, proofs, markers: await store.markers(), damaged: [...new Set(damaged)] }
}

/** One range is read as it stood at one moment, several are not: a running peer writes in between. */
async function momentOf(storage: Storage, space: SpaceId): Promise<Storage> {
  const copy = new MemoryStorage()
  for await (const [put, value] of storage.range(`space/${space}/`, `space/${space}0`))
    await copy.write([{ put, value }])
  return copy
}

const foldersIn = async (path: string): Promise<string[]> => {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
}
