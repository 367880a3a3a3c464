/** Hot buckets: copied to the peers that askers turn to next, and found there when the holders are gone. */
import { DISCOVERY_LIMITS } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { CardReader, search, wordKey } from '../../../../packages/discovery/src/index.ts'
import { SimulatedMesh, type SimulatedPeer } from '../../../simulation/discovery/simulated-mesh.ts'
import { VirtualClock } from '../../../simulation/discovery/virtual-clock.ts'
import { verifyOnce } from '../../../simulation/space.ts'
import { cardOf, MESH, NOW, peerId, sign } from '../mesh.ts'

const PEERS = 24
const PUBLISHER = 1
const ASKER = 2

/** A mesh in which one hotel was published and asked for `asks` times at each holder; its holders go. */
async function storyOf(asks: number) {
  const clock = new VirtualClock(NOW)
  const reader = new CardReader({ mesh: MESH, verify: verifyOnce, clock })
  const mesh = new SimulatedMesh({ seed: 1, clock, mesh: MESH, read: signed => reader.read(signed) })
  for (let n = 1; n <= PEERS; n++) mesh.add(peerId(n))
  const [publisher, asker] = [PUBLISHER, ASKER].map(n => mesh.peer(peerId(n))) as [SimulatedPeer, SimulatedPeer]
  const held = reader.read(await sign(PUBLISHER, cardOf(PUBLISHER, 'inns', ['Books a hotel'])))
  publisher.publication.update(held === undefined ? [] : [held])
  const never = new AbortController().signal
  await clock.until(publisher.publication.publish(never))
  const key = wordKey(MESH, 'hotel')
  const holders = mesh.tables.alive(key, DISCOVERY_LIMITS.copies, () => true)
  for (const id of holders) {
    const peer = mesh.peer(id) as SimulatedPeer
    for (let n = 0; n < asks; n++)
      peer.holder.query(`p${n % 9}`, { type: 'index_query', key: 'hotel', text: 'hotel', k: 1 })
    await clock.until(peer.copyHot())
  }
  for (const id of holders) mesh.remove(id)
  const find = async () => {
    const cost = { lookups: 0, messages: 0, bytes: 0 }
    const waves = await clock.until(Array.fromAsync(search('hotel', asker.ports(), cost, never)))
    return waves.at(-1)?.found().length ?? 0
  }
  return { clock, find }
}

describe('a bucket that is hot', () => {
  it('is found at the next peers when its holders are gone, until the copies are forgotten', async () => {
    const { clock, find } = await storyOf(DISCOVERY_LIMITS.hotAsks + 1)
    expect(await find()).toBe(1)
    await clock.advance(DISCOVERY_LIMITS.copyLifeMs)
    expect(await find()).toBe(0)
  })

  it('is not copied while it is asked for now and then', async () => {
    const { find } = await storyOf(DISCOVERY_LIMITS.hotAsks / 2)
    expect(await find()).toBe(0)
  })
})
