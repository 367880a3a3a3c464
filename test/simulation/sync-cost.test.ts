/** What sync costs a member of a crowd: messages and bytes, counted. */
import type { Op } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { ReplicaNetwork } from './replica-network.ts'
import { genesisBytes, identity } from './space.ts'

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
    expect(await cost(48)).toBeLessThanOrEqual(8)
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
    const net = await crowd(48)
    await net.clock.advance(20_000)
    net.sent.clear()
    await net.clock.advance(60_000)
    expect(Object.fromEntries(net.sent)).toEqual({ heads: 48 * 3 * 6 })
  })
})
