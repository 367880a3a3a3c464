import { describe, expect, it } from 'vitest'
import { concurrently } from '../../../packages/discovery/src/concurrently.ts'
import { settle } from './mesh.ts'

const never = new AbortController().signal
const forever = () => new Promise<never>(() => {})

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of source) all.push(item)
  return all
}

describe('concurrently', () => {
  it('yields results as they come, so many tasks at once', async () => {
    const gates = new Map<number, () => void>()
    const results = concurrently<number, number>(
      [1, 2, 3, 4],
      2,
      async (item, emit) => {
        await new Promise<void>(resolve => gates.set(item, resolve))
        emit(item * 10)
        emit(item * 10 + 1)
      },
      never,
    )
    const taken: number[] = []
    const done = (async () => {
      for await (const result of results) taken.push(result)
    })()
    await settle()
    expect([...gates.keys()]).toEqual([1, 2])
    gates.get(2)?.()
    await settle()
    expect(taken).toEqual([20, 21])
    expect([...gates.keys()]).toEqual([1, 2, 3])
    gates.get(1)?.()
    gates.get(3)?.()
    await settle()
    gates.get(4)?.()
    await done
    expect(taken).toEqual([20, 21, 10, 11, 30, 31, 40, 41])
  })

  it('goes on when tasks fail, and ends with what came when the source fails', async () => {
    async function* source() {
      yield* [1, 2, 3]
      throw new Error('broken')
    }
    const results = concurrently<number, number>(
      source(),
      2,
      async (item, emit) => {
        if (item === 2) throw new Error('failed')
        emit(item)
      },
      never,
    )
    expect((await collect(results)).sort()).toEqual([1, 3])
  })

  it('ends when its signal aborts, whatever tasks wait for, and starts no more', async () => {
    const stop = new AbortController()
    let started = 0
    const task = () => {
      started++
      return forever()
    }
    const outcome = collect(concurrently([1, 2, 3], 2, task, stop.signal))
    await settle()
    stop.abort()
    expect(await outcome).toEqual([])
    expect(started).toBe(2)
  })

  it('ends at once with nothing to do', async () => {
    expect(await collect(concurrently([], 4, forever, never))).toEqual([])
  })
})
