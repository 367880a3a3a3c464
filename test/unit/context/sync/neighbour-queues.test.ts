/** Reading for neighbours: at their pace, and over before the store is closed. */
import type { Clock } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { NeighbourQueues } from '../../../../packages/context/src/sync/neighbour-queues.ts'

/** Time stands still: who waits for it waits forever. */
const stopped: Clock = { now: () => 0, after: () => () => {} }

/** A store that knows who reads it. */
class Shelf {
  readers = 0
  readonly read = Promise.withResolvers<void>()
  readonly page = Promise.withResolvers<void>()

  async *pages(): AsyncIterable<string> {
    this.readers++
    this.read.resolve()
    try {
      await this.page.promise
      for (;;) yield 'a page'
    } finally {
      this.readers--
    }
  }
}

function queuesOver(shelf: Shelf, sent: string[], takes: () => boolean) {
  const failures: unknown[] = []
  const queues = new NeighbourQueues<string, string>({
    clock: stopped,
    waiting: 4,
    messages: () => shelf.pages(),
    send: (_, message) => takes() && sent.push(message) > 0,
    onFailure: error => failures.push(error),
  })
  return { queues, failures }
}

describe('what is read for neighbours', () => {
  it('is not read any more when the end resolves, though a page was just on its way', async () => {
    const shelf = new Shelf()
    const sent: string[] = []
    const { queues, failures } = queuesOver(shelf, sent, () => true)
    queues.add('ben', 'all of it')
    await shelf.read.promise
    const ended = queues.end()
    shelf.page.resolve()
    await ended
    expect([shelf.readers, sent, failures]).toEqual([0, [], []])
  })

  it('is left at once when the neighbour takes nothing', async () => {
    const shelf = new Shelf()
    const refused = Promise.withResolvers<void>()
    const { queues } = queuesOver(shelf, [], () => {
      refused.resolve()
      return false
    })
    shelf.page.resolve()
    queues.add('ben', 'all of it')
    await refused.promise
    await queues.end()
    expect(shelf.readers).toBe(0)
  })

  it('is not begun after the end', async () => {
    const shelf = new Shelf()
    const { queues } = queuesOver(shelf, [], () => true)
    await queues.end()
    queues.add('ben', 'all of it')
    expect(shelf.readers).toBe(0)
  })
})
