/** What sync costs a member of a crowd: messages and bytes, counted. */
import type { Op } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { ReplicaNetwork } from './replica-network.ts'
import { EPOCH_MS, genesisBytes, identity, ledger, write } from './space.ts'

const fact = (o: number | string): Op => ({ k: 'fact', s: 's', p: 'p', o })

/** Members of a closed space that all know each other; four of them verify. */
async function crowd(size: number) {
  const writers = Array.from({ length: size }, (_, n) => identity(n))
  const net = new ReplicaNetwork(genesisBytes({ open: false, writers }))
  for (const own of writers) await net.join(own)
  net.partition(net.members)
  await net.clock.advance(500)
  net.sent.clear()
  return net
}

describe('sync in a crowd', () => {
  it('costs a member the same whatever the size: news go to some, not to all by all', async () => {
    const cost = async (size: number) => {
      const net = await crowd(size)
      const [author] = net.members
      if (author === undefined) throw new Error('a member')
      await net.say(author, fact(1))
      await net.clock.advance(1_000)
      for (const { replica } of net.members) expect(replica.records.of('fact')).toHaveLength(1)
      expect(net.sent.get('segment')).toBe(size - 1)
      return (net.sent.get('heads') ?? 0) / size
    }
    expect(await cost(12)).toBeLessThanOrEqual(8)
    expect(await cost(36)).toBeLessThanOrEqual(8)
  })

  it('reaches those whom the author does not, within seconds', async () => {
    const net = await crowd(30)
    const [author, ...others] = net.members
    if (author === undefined) throw new Error('a member')
    for (const far of others.slice(3)) net.link(author, far, false)
    for (let n = 0; n < 20; n++) await net.say(author, fact(n))
    await net.clock.advance(3_000)
    for (const { replica } of net.members) expect(replica.records.of('fact')).toHaveLength(20)
  })

  it('tells all heads to three a round, so that an idle space is quiet at any size', async () => {
    const net = await crowd(24)
    await net.clock.advance(2_000)
    net.sent.clear()
    await net.clock.advance(30_000)
    expect(Object.fromEntries(net.sent)).toEqual({ heads: 24 * 3 * 3 })
  })

  it('compares a thousand logs by digests: two that hold nearly the same exchange little', async () => {
    const writers = Array.from({ length: 64 }, (_, n) => identity(n))
    const genesis = genesisBytes({ open: false, writers })
    const segments = writers.flatMap(own =>
      Array.from({ length: 16 }, (_, epoch) =>
        write(
          ledger(genesis, own, () => EPOCH_MS),
          own,
          [fact(epoch)],
          epoch,
        ),
      ),
    )
    const net = new ReplicaNetwork(genesis)
    const [a, b] = [await net.join(identity(200)), await net.join(identity(201))]
    for (const segment of segments.slice(5)) await a.replica.importSegment(segment)
    for (const segment of segments.slice(0, -5)) await b.replica.importSegment(segment)
    await net.clock.advance(1_000)
    net.sent.clear()
    net.bytes = 0
    net.link(a, b)
    await net.clock.advance(3_000)
    expect([a, b].map(({ replica }) => replica.records.size)).toEqual([1_024, 1_024])
    // all heads both ways would be 260 kB
    expect(net.bytes).toBeLessThan(30_000)
    net.sent.clear()
    net.bytes = 0
    await net.clock.advance(30_000)
    expect(net.sent.get('heads') ?? 0).toBe(0)
    expect(net.bytes).toBeLessThan(6 * 3 * 2_300)
  })
})
