/** Chunks on a disk that takes its time: what is being written can't be read yet, and does not count as held. */
import { MemoryStorage } from '@amp-mesh/context'
import { expect, it } from 'vitest'
import { ChunkStore } from '../../../../packages/context/src/artifacts/chunk-store.ts'

const SPACE = 'S'.repeat(43)
const chunk = (n: number) => new Map([[n, Uint8Array.of(n)]])

/** Writes are done one after the other, each when it is let. */
class SlowStorage extends MemoryStorage {
  readonly waiting: (() => void)[] = []

  override async write(...[ops]: Parameters<MemoryStorage['write']>): Promise<void> {
    await new Promise<void>(resolve => this.waiting.push(resolve))
    await super.write(ops)
  }
}

it('holds a chunk from when it can be read', async () => {
  const storage = new SlowStorage()
  const store = await ChunkStore.open(storage, SPACE)
  const writes = [store.put('content', chunk(1)), store.put('content', chunk(9))]
  expect([1, 9].map(n => store.has('content', n))).toEqual([false, false])
  expect(store.all()).toEqual(['content'])
  for (const [i, write] of writes.entries()) {
    storage.waiting.shift()?.()
    await write
    expect([1, 9].map(n => store.has('content', n))).toEqual([true, i === 1])
  }
  expect(await store.get('content', 9)).toEqual(Uint8Array.of(9))
  const again = await ChunkStore.open(storage, SPACE)
  expect([1, 9].map(n => again.has('content', n))).toEqual([true, true])
})

it('does not hold what was dropped while it was written', async () => {
  const storage = new SlowStorage()
  const store = await ChunkStore.open(storage, SPACE)
  const writes = [store.put('content', chunk(1)), store.drop('content')]
  for (const write of writes) {
    storage.waiting.shift()?.()
    await write
  }
  expect(store.has('content', 1)).toBe(false)
  expect((await ChunkStore.open(storage, SPACE)).all()).toEqual([])
})
