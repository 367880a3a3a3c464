/** Which mesh a peer is of: given, pinned in its data folder, learnt from whoever it joins, or started anew. */
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmpError, decodeMeshFile, type Identity, meshIdOf } from '@amp-mesh/protocol'
import { type KnownMesh, knownMesh } from '../hello.ts'
import { folderName } from './data-folder.ts'
import { systemRandom } from './system-random.ts'

/** The mesh file as it lies in the folder of the mesh, shared by all its peers on this machine. */
const fileOf = (root: string, name: string) => join(root, folderName(name), 'mesh.json')

/** The mesh pinned under this name. Rejects with `bad-mesh-file`. */
export async function pinnedMesh(root: string, name: string): Promise<KnownMesh | undefined> {
  const path = fileOf(root, name)
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  try {
    return { id: meshIdOf(bytes), file: decodeMeshFile(bytes), bytes: new Uint8Array(bytes) }
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
  const path = fileOf(root, name)
  await mkdir(join(root, folderName(name)), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${systemRandom.float()}`
  await writeFile(draft, mesh.bytes, { flush: true })
  // linked to its name, which fails when the name is taken: of processes that start at once, one names the mesh
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft, { force: true })
  return (await pinnedMesh(root, name)) ?? mesh
}

/** A mesh that starts with this peer. */
export function newMesh(name: string, identity: Identity): KnownMesh {
  return knownMesh({ v: 1, name, key: identity.publicKey, verifiers: [identity.publicKey], limits: {} })
}
