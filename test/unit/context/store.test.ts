/** What is kept on disk: the memory adapter, and a space read back. */

import { MemoryStorage, SpaceStore } from '@amp-mesh/context'
import { fromBase64url } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { storageCompliance } from '../../compliance/storage.ts'
import { genesisBytes, identity } from '../../simulation/space.ts'

storageCompliance('MemoryStorage', { open: async () => new MemoryStorage() })

describe('SpaceStore', () => {
  it('lists the spaces of a storage, and keeps them apart', async () => {
    const storage = new MemoryStorage()
    const [a, b] = ['A'.repeat(43), 'B'.repeat(43)] as [string, string]
    for (const id of [a, b]) await new SpaceStore(storage, id).putGenesis(genesisBytes())
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

  it('hands verifiers’ segments out first: more may wait for their admission than a waiting room holds', async () => {
    const storage = new MemoryStorage()
    const store = new SpaceStore(storage, 'C'.repeat(43))
    await store.putGenesis(genesisBytes())
    const of = (n: number) => fromBase64url(identity(n).publicKey)
    await store.write([
      { segment: of(9), log: 'a', from: 0 },
      { segment: of(1), log: 'b', from: 0 },
      { segment: of(8), log: 'c', from: 0 },
      { segment: of(2), log: 'd', from: 0 },
    ])
    expect((await store.load()).segments).toEqual([1, 2, 9, 8].map(of))
  })
})
