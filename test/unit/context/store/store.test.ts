/** What is kept on disk: the memory adapter, and a space read back. */

import { decodeSegment, encodeSegment, MemoryStorage, SpaceStore } from '@amp-mesh/context'
import { fromBase64url, fromUtf8, logIdOf, spaceIdOf, toBase64url, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import type { Piece } from '../../../../packages/context/src/ledger/history.ts'
import { storageCompliance } from '../../../compliance/storage.ts'
import { EPOCH_MS, genesisBytes, identity } from '../../../simulation/space.ts'

storageCompliance('MemoryStorage', { open: async () => new MemoryStorage() })

/** Entry `from` of the n-th key's log, with `ops` in it. */
const segment = (n: number, from: number, ...ops: string[]) =>
  encodeSegment({
    pub: fromBase64url(identity(n).publicKey),
    epoch: 0,
    from,
    prev: new Uint8Array(32).fill(from === 0 ? 0 : 1),
    entries: [{ time: EPOCH_MS, ops: ops.map(utf8) }],
    signature: new Uint8Array(64).fill(from & 255),
  })
const logOf = (space: string, n: number) => logIdOf(space, fromBase64url(identity(n).publicKey), 0)

/** Some segment of an entry with this sequence. */
function pieceAt(from: number): Piece {
  const [prev, signature] = [new Uint8Array(32).fill(from), new Uint8Array(64)]
  const entries = [{ time: 1, ops: [Uint8Array.of(from)] }]
  return { segment: { pub: prev, epoch: 0, from, prev, entries, signature }, hashes: [prev] }
}

const branches = async (store: SpaceStore) => (await all(store.branches())).map(bytes => decodeSegment(bytes).from)

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('SpaceStore', () => {
  it('lists the spaces of a storage, and keeps them apart', async () => {
    const storage = new MemoryStorage()
    const [a, b] = ['A'.repeat(43), 'B'.repeat(43)] as [string, string]
    for (const id of [a, b]) await new SpaceStore(storage, id).putGenesis(genesisBytes())
    const marker = { pub: identity(9).publicKey, epoch: 3, seq: 4, hash: new Uint8Array(32), life: 2 }
    await new SpaceStore(storage, a).write(
      [2, 1, 0].map(from => ({ segment: segment(9, from, `${from}`), log: 'L', from })),
    )
    await new SpaceStore(storage, b).write([
      { segment: segment(9, 0, 'b'), log: 'L', from: 0 },
      { branches: [pieceAt(3), pieceAt(1)], log: 'L' },
      { marker, log: 'L' },
    ])
    expect((await SpaceStore.list(storage)).map(({ id }) => id)).toEqual([a, b])
    expect((await all(new SpaceStore(storage, a).segments('others'))).map(({ from, to }) => [from, to])).toEqual([
      [0, 2],
    ])
    const stored = new SpaceStore(storage, b)
    expect(await branches(stored)).toEqual([1, 3])
    expect(await stored.markers()).toEqual([marker])
  })

  it('keeps of a forked log’s branches what is held of them now, also once reopened', async () => {
    const storage = new MemoryStorage()
    const open = () => new SpaceStore(storage, 'D'.repeat(43))
    const store = open()
    await store.write([{ branches: [pieceAt(1), pieceAt(2)], log: 'L' }])
    await store.write([{ branches: [pieceAt(2), pieceAt(5)], log: 'L' }])
    await open().write([{ branches: [pieceAt(9)], log: 'L' }])
    const again = open()
    expect(await branches(again)).toEqual([2, 5, 9])
    await again.write([{ branches: [pieceAt(5)], log: 'L' }])
    expect(await branches(again)).toEqual([5])
  })

  it('puts a segment in place of all it holds, and keeps what goes on behind it', async () => {
    const store = new SpaceStore(new MemoryStorage(), 'E'.repeat(43))
    const merged = (from: number, to: number) => {
      const first = decodeSegment(segment(9, from, `${from}`))
      const entries = Array.from({ length: to - from + 1 }, (_, i) => ({ time: EPOCH_MS, ops: [utf8(`${from + i}`)] }))
      return encodeSegment({ ...first, entries })
    }
    const ranges = async () => (await all(store.segmentsOf('L'))).map(({ from, to }) => [from, to])
    await store.write([0, 1, 4].map(from => ({ segment: merged(from, from), log: 'L', from })))
    await store.write([{ segment: merged(5, 9), log: 'L', from: 5 }])
    await store.replace('L', merged(1, 6))
    expect(await ranges()).toEqual([
      [0, 6],
      [5, 9],
    ])
    await store.rewrite({ log: 'L', seq: 6, k: 0 })
    const held = (await all(store.segmentsOf('L'))).map(({ bytes }) =>
      fromUtf8(bytes.subarray(0, -64).filter(byte => byte < 128)),
    )
    expect(held.join()).not.toContain('6')
    await store.replace('L', merged(5, 7)) // no longer than what is there
    expect((await ranges()).at(-1)).toEqual([5, 9])
  })

  it('hands verifiers’ segments out apart: they admit the others, of whom a waiting room holds few', async () => {
    const storage = new MemoryStorage()
    const space = spaceIdOf(genesisBytes())
    const store = new SpaceStore(storage, space)
    await store.putGenesis(genesisBytes())
    await store.write([9, 1, 8, 2].map(n => ({ segment: segment(n, 0, 'x'), log: logOf(space, n), from: 0 })))
    const served = async (which: 'verifiers' | 'others') =>
      (await all(store.segments(which))).map(({ bytes }) => toBase64url(decodeSegment(bytes).pub)).sort()
    expect(await served('verifiers')).toEqual([1, 2].map(n => identity(n).publicKey).sort())
    expect(await served('others')).toEqual([8, 9].map(n => identity(n).publicKey).sort())
  })

  it('serves a range from the segment that holds its beginning on, merged under the last signature', async () => {
    const store = new SpaceStore(new MemoryStorage(), 'C'.repeat(43))
    await store.write(
      Array.from({ length: 600 }, (_, from) => ({ segment: segment(9, from, `op ${from}`), log: 'L', from })),
    )
    const served = await all(store.segmentsOf('L', 10, 599))
    expect(served.map(({ from, to }) => [from, to])).toEqual([
      [10, 265],
      [266, 521],
      [522, 599],
    ])
    const [first] = served.map(({ bytes }) => decodeSegment(bytes))
    expect(first?.entries.map(({ ops: [op] }) => fromUtf8(op as Uint8Array))).toEqual(
      Array.from({ length: 256 }, (_, i) => `op ${10 + i}`),
    )
    expect(first?.signature).toEqual(new Uint8Array(64).fill(265 & 255))
  })

  it('leaves out what is not what was written, under its own key, and tells it', async () => {
    const storage = new MemoryStorage()
    const damaged: string[] = []
    const store = new SpaceStore(storage, 'D'.repeat(43), { onDamage: name => damaged.push(name) })
    await store.write([0, 1, 2, 3].map(from => ({ segment: segment(9, from, `${from}`), log: 'L', from })))
    const keys = await all(storage.range('', '\uffff'))
    const [, second, third] = keys as [unknown, [string, Uint8Array], [string, Uint8Array]]
    await storage.write([
      { put: second[0], value: third[1] },
      { put: third[0], value: third[1].with(40, 255) },
    ])
    expect((await all(store.segments('others'))).map(({ from, to }) => [from, to])).toEqual([
      [0, 0],
      [3, 3],
    ])
    expect(damaged).toEqual(['log/L/000000001', 'log/L/000000002'])
  })
})
