import { describe, expect, it } from 'vitest'
import { EventQueue } from '../../../packages/peer/src/event-queue.ts'

describe('event queue', () => {
  it('keeps order, and ends after what was pushed before', async () => {
    const queue = new EventQueue<number>(10)
    queue.push(1)
    queue.push(2)
    queue.end()
    queue.push(3)
    expect(await Array.fromAsync(queue)).toEqual([1, 2])
  })

  it('drops the oldest above its bound and tells how many', async () => {
    const queue = new EventQueue<string>(3, missed => `${missed} missed`)
    for (const word of ['a', 'b', 'c', 'd', 'e']) queue.push(word)
    queue.end()
    expect(await Array.fromAsync(queue)).toEqual(['2 missed', 'c', 'd', 'e'])
  })

  it('gives the reader the error after the last item', async () => {
    const queue = new EventQueue<number>(10)
    queue.push(1)
    queue.fail(new Error('broken'))
    const read: number[] = []
    await expect(
      (async () => {
        for await (const item of queue) read.push(item)
      })(),
    ).rejects.toThrow('broken')
    expect(read).toEqual([1])
  })
})
