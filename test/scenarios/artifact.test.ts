/** An artifact over real libp2p: its author dies in the middle of sending it, and another holder goes on. */
import { composePeer, type Peer } from '@amp-mesh/peer'
import { nodeParts } from '@amp-mesh/peer/node'
import { ARTIFACT_LIMITS, type Storage, type StorageOp } from '@amp-mesh/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'
import { Village } from './village.ts'

const CHUNKS = 24
/** Chunks that reach the reader's disk before the author dies. */
const BEFORE = 5

it('[G3.artifact] goes on from another holder when its author dies in the middle of sending it', async () => {
  const village = await Village.found()
  onTestFinished(() => village.close())
  const [author, holder] = [await village.peer('author'), await village.peer('holder')]
  const join = author.addresses().slice(0, 1)
  const parts = await nodeParts({ name: 'reader', mesh: 'village', dataDir: village.dataDir, join })
  const disk = new HeldUpStorage(parts.storage, BEFORE)
  const reader: Peer = await composePeer({ ...parts, storage: disk })
  onTestFinished(() => reader.stop())
  const others = [holder, reader].map(({ identity }) => identity.peerId)
  const reaches = (peer: Peer, id: string) => peer.peers().some(each => each.id === id && each.state === 'reachable')
  await until('all know each other', () => others.every(id => reaches(author, id)))

  const space = await author.createSpace({ name: 'film', members: others })
  await space.replica.append([{ k: 'broadcast', query: 'Who wants to see the film?' }])
  const bytes = new Uint8Array(CHUNKS * ARTIFACT_LIMITS.chunk - 1_000).map((_, i) => (i * 31) >> 3)
  const { id } = await space.putArtifact('film.bin', 'video/mp4', bytes)
  await until('all have heard of it', () =>
    [holder, reader].every(peer => peer.space(space.id)?.replica.records.has(id) === true),
  )
  await until('reader and holder are connected', () => reaches(reader, holder.identity.peerId))
  expect((await holder.space(space.id)?.artifact(id))?.length).toBe(bytes.length)
  await disk.reached
  await village.leave('author')
  expect(disk.written.size).toBe(BEFORE)
  disk.goOn()
  expect(Buffer.compare((await reader.space(space.id)?.artifact(id)) ?? new Uint8Array(), bytes)).toBe(0)
  expect(disk.written.size).toBe(CHUNKS)
  expect(disk.writes, 'no chunk came twice').toBe(CHUNKS)
})

/** A store on which chunks after the first few wait until they may go on. */
class HeldUpStorage implements Storage {
  readonly life = 0
  readonly written = new Set<string>()
  writes = 0
  readonly #storage: Storage
  readonly #before: number
  readonly #reached = Promise.withResolvers<void>()
  readonly #goOn = Promise.withResolvers<void>()

  constructor(storage: Storage, before: number) {
    this.#storage = storage
    this.#before = before
  }

  get reached(): Promise<void> {
    return this.#reached.promise
  }

  goOn(): void {
    this.#goOn.resolve()
  }

  get(key: string) {
    return this.#storage.get(key)
  }

  range(from: string, to: string) {
    return this.#storage.range(from, to)
  }

  close() {
    return this.#storage.close()
  }

  async write(ops: readonly StorageOp[]): Promise<void> {
    const chunk = ops.flatMap(op => ('put' in op && op.put.includes('/chunk/') ? [op.put] : []))
    if (chunk.length > 0 && this.written.size >= this.#before) {
      this.#reached.resolve()
      await this.#goOn.promise
    }
    await this.#storage.write(ops)
    for (const key of chunk) {
      this.written.add(key)
      this.writes++
    }
  }
}
