/** The meshes a browser has met: their files, and which of them answers at an address. */
import { decodeMeshFile, fromUtf8, meshIdOf, type Storage, utf8 } from '@amp-mesh/protocol'
import type { KnownMesh } from '../hello.ts'

const FILES = 'file/'
const PLACES = 'at/'

export class MeshStore {
  readonly #storage: Storage

  constructor(storage: Storage) {
    this.#storage = storage
  }

  /** The mesh that answered at the first of the addresses that is known. Throws DecodeError on a damaged file. */
  async at(addresses: readonly string[]): Promise<KnownMesh | undefined> {
    for (const address of addresses) {
      const id = await this.#storage.get(PLACES + address)
      const bytes = id && (await this.#storage.get(FILES + fromUtf8(id)))
      if (bytes !== undefined) return { id: meshIdOf(bytes), file: decodeMeshFile(bytes), bytes }
    }
    return undefined
  }

  /** Remembers that this mesh answers there. */
  async pin(mesh: KnownMesh, addresses: readonly string[]): Promise<void> {
    const places = addresses.map(address => ({ put: PLACES + address, value: utf8(mesh.id) }))
    await this.#storage.write([{ put: FILES + mesh.id, value: mesh.bytes }, ...places])
  }
}
