/** Which mesh a peer is of: given, pinned in its data folder, learnt from whoever it joins, or started anew. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmpError, type Identity } from '@amp-mesh/protocol'
import { type KnownMesh, knownMesh, readMesh } from '../hello.ts'
import { folderName } from './data-folder.ts'
import { localPeers } from './local-peers.ts'
import { newMeshKey } from './mesh-keys.ts'
import { systemRandom } from './system-random.ts'
import { writeOnce } from './write-once.ts'

/** The mesh file as it lies in the folder of the mesh, shared by all its peers on this machine. */
const FILE = 'mesh.json'
const fileOf = (root: string, name: string) => join(root, folderName(name), FILE)

/** The mesh pinned under this name. Rejects with `bad-mesh-file`. */
export async function pinnedMesh(root: string, name: string): Promise<KnownMesh | undefined> {
  const path = fileOf(root, name)
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  try {
    return readMesh(new Uint8Array(bytes))
  } catch (cause) {
    throw new AmpError(
      'bad-mesh-file',
      `${path} is not a mesh file; restore it, or delete it to join anew`,
      undefined,
      cause,
    )
  }
}

/**
 * Pins a mesh, unless another is pinned under this name: then rejects with `wrong-mesh`. Returns what is pinned now.
 */
export async function pinMesh(root: string, name: string, mesh: KnownMesh): Promise<KnownMesh> {
  // of processes that start at once, one names the mesh
  await writeOnce(join(root, folderName(name)), FILE, mesh.bytes)
  return (await pinnedMesh(root, name)) ?? mesh
}

/** The mesh of the peer of this user that listens at one of the addresses: nobody has to be asked for it. */
export async function meshOfNeighbour(addresses: readonly string[], root: string): Promise<KnownMesh | undefined> {
  const neighbours = await localPeers(root)
  const neighbour = neighbours.find(({ peer }) => addresses.some(address => address.endsWith(`/p2p/${peer}`)))
  return neighbour && pinnedMesh(root, neighbour.mesh)
}

/** A mesh that starts with this peer, open to whoever reaches it. */
export function newMesh(name: string, identity: Identity): KnownMesh {
  return knownMesh({ v: 1, name, key: identity.publicKey, verifiers: [identity.publicKey], limits: {} })
}

/** A mesh that starts with this peer, and lets in whom its key, which is made here, certified. */
export async function newClosedMesh(root: string, name: string, identity: Identity): Promise<KnownMesh> {
  const key = await newMeshKey(root, name, systemRandom)
  return knownMesh({ v: 1, name, key, closed: true, verifiers: [identity.publicKey], limits: {} })
}
