/** What is kept on disk: the memory adapter, and a space read back. */

import { decodeSegment, MemoryStorage, SpaceStore } from '@amp-mesh/context'
import { fromBase64url } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import type { Piece } from '../../../packages/context/src/ledger/history.ts'
import { storageCompliance } from '../../compliance/storage.ts'
import { genesisBytes, identity } from '../../simulation/space.ts'

/** Some segment of an entry with this sequence. */
function pieceAt(from: number): Piece {
  const [prev, signature] = [new Uint8Array(32).fill(from), new Uint8Array(64)]
  const entries = [{ time: 1, ops: [Uint8Array.of(from)] }]
  return { segment: { pub: prev, epoch: 0, from, prev, entries, signature }, hashes: [prev] }
}

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
      { fork: [pieceAt(3), pieceAt(1)], log: 'L' },
      { marker: { epoch: 3, seq: 4, hash: new Uint8Array(32) }, log: 'L' },
    ])
    expect((await SpaceStore.list(storage)).map(({ id }) => id)).toEqual([a, b])
    expect((await new SpaceStore(storage, a).load()).segments.map(bytes => bytes[0])).toEqual([0, 9, 10, 64])
    const stored = await new SpaceStore(storage, b).load()
    expect(stored.branches.map(bytes => decodeSegment(bytes).from)).toEqual([1, 3])
    expect(stored.markers).toEqual([{ epoch: 3, seq: 4, hash: new Uint8Array(32) }])
  })

  it('keeps of a forked log’s branches what is held of them now, also once reopened', async () => {
    const storage = new MemoryStorage()
    const fork = (...pieces: Piece[]) => new SpaceStore(storage, 'D'.repeat(43)).write([{ fork: pieces, log: 'L' }])
    const store = new SpaceStore(storage, 'D'.repeat(43))
    await store.write([{ fork: [pieceAt(1), pieceAt(2)], log: 'L' }])
    await store.write([{ fork: [pieceAt(2), pieceAt(5)], log: 'L' }])
    await fork(pieceAt(9))
    const again = new SpaceStore(storage, 'D'.repeat(43))
    expect((await again.load()).branches.map(bytes => decodeSegment(bytes).from)).toEqual([2, 5, 9])
    await again.write([{ fork: [pieceAt(5)], log: 'L' }])
    expect((await again.load()).branches.map(bytes => decodeSegment(bytes).from)).toEqual([5])
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
