/** What is kept on disk: the memory adapter, group commit, and a space read back. */

import { GroupCommit, MemoryStorage, SpaceStore } from '@amp-mesh/context'
import type { Storage, StorageOp } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { storageCompliance } from '../../compliance/storage.ts'
import { settled } from '../../simulation/space.ts'

storageCompliance('MemoryStorage', { open: async () => new MemoryStorage() })
storageCompliance('GroupCommit', { open: async () => new GroupCommit(new MemoryStorage()) })

/** A storage whose writes wait until they are let go, or made to fail. */
class SlowStorage extends MemoryStorage implements Storage {
  readonly writes: { ops: readonly StorageOp[]; go(error?: Error): void }[] = []

  override write(ops: readonly StorageOp[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (error?: Error) => (error === undefined ? resolve(super.write(ops)) : reject(error))
      this.writes.push({ ops, go })
    })
  }
}

const put = (key: string): StorageOp => ({ put: key, value: new Uint8Array(1) })

describe('GroupCommit', () => {
  it('gathers what comes while a write is on its way into one write', async () => {
    const slow = new SlowStorage()
    const storage = new GroupCommit(slow)
    const done: string[] = []
    for (const key of ['a', 'b', 'c', 'd']) void storage.write([put(key)]).then(() => done.push(key))
    await settled()
    expect(slow.writes.map(({ ops }) => ops.length)).toEqual([1])
    slow.writes[0]?.go()
    await settled()
    expect(done).toEqual(['a'])
    expect(slow.writes.map(({ ops }) => ops.length)).toEqual([1, 3])
    slow.writes[1]?.go()
    await settled()
    expect(done).toEqual(['a', 'b', 'c', 'd'])
  })

  it('tells everybody in the group when its write fails, and goes on', async () => {
    const slow = new SlowStorage()
    const storage = new GroupCommit(slow)
    const results = ['a', 'b', 'c'].map(key => storage.write([put(key)]).then(() => 'ok', String))
    await settled()
    slow.writes[0]?.go()
    await settled()
    slow.writes[1]?.go(new Error('disk full'))
    expect(await Promise.all(results)).toEqual(['ok', 'Error: disk full', 'Error: disk full'])
    const after = storage.write([put('d')])
    await settled()
    slow.writes[2]?.go()
    await after
    expect(await storage.get('d')).toBeDefined()
  })
})

describe('SpaceStore', () => {
  it('lists the spaces of a storage, and keeps them apart', async () => {
    const storage = new MemoryStorage()
    const [a, b] = ['A'.repeat(43), 'B'.repeat(43)] as [string, string]
    for (const id of [a, b]) await new SpaceStore(storage, id).putGenesis(new TextEncoder().encode(id))
    const segment = Uint8Array.of(1)
    const order = [10, 9, 1_000_000, 0]
    await new SpaceStore(storage, a).write(order.map(from => ({ segment: Uint8Array.of(from & 255), log: 'L', from })))
    await new SpaceStore(storage, b).write([
      { segment, log: 'L', from: 0 },
      { fork: { a: Uint8Array.of(1), b: Uint8Array.of(2) }, log: 'L' },
      { marker: { epoch: 3, seq: 4, hash: new Uint8Array(32) }, log: 'L' },
    ])
    expect((await SpaceStore.list(storage)).map(({ id }) => id)).toEqual([a, b])
    expect((await new SpaceStore(storage, a).load()).segments.map(bytes => bytes[0])).toEqual([0, 9, 10, 64])
    const stored = await new SpaceStore(storage, b).load()
    expect(stored.proofs.map(bytes => bytes[0])).toEqual([1, 2])
    expect(stored.markers).toEqual([{ epoch: 3, seq: 4, hash: new Uint8Array(32) }])
  })
})
