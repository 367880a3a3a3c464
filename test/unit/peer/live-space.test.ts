/** A space among its members: whoever left it is sent nothing more, and pays nothing for it. */
import { elections, facts, MemoryStorage } from '@amp-mesh/context'
import { LexicalEmbedder } from '@amp-mesh/discovery'
import type { Identity, Message, PeerId } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { LiveSpace, type SpaceWorld } from '../../../packages/peer/src/live-space.ts'
import { genesisBytes, identity, SeededRandom, SimulatedClock, silent, verifyOnce } from '../../simulation/space.ts'

const [self, member, follower] = [0, 1, 30].map(identity) as [Identity, Identity, Identity]
const peers = [member.peerId, follower.peerId]

async function opened(limits: { ms: number }) {
  const clock = new SimulatedClock()
  const sent: [PeerId, Message['type']][] = []
  const world: SpaceWorld = {
    identity: self,
    verify: verifyOnce,
    clock,
    random: new SeededRandom(1),
    logger: silent,
    storage: new MemoryStorage(),
    embedder: new LexicalEmbedder(),
    linked: () => peers,
    isLinked: () => true,
    isSuspected: () => false,
    post: (peer, message) => {
      sent.push([peer, message.type])
      return true
    },
    spread: () => {},
    want: () => {},
    onRecord: () => {},
    onRefused: () => {},
  }
  const genesis = genesisBytes({ budgetMs: limits.ms })
  const opening = LiveSpace.open(world, { genesis })
  await clock.advance(50)
  const space = await opening
  const asked = space.replica.append([{ k: 'broadcast', query: 'q' }])
  await clock.advance(2_000)
  await asked
  for (const peer of peers) await space.receive(peer, { type: 'heads', space: space.id, heads: [], full: true })
  await clock.advance(2_000)
  sent.splice(0)
  const after = async () => {
    const said = space.replica.append([{ k: 'fact', s: 's', p: 'p', o: 1 }])
    await clock.advance(30_000)
    await said
    return sent.splice(0)
  }
  return { space, after, clock }
}

describe('a space', () => {
  it('computes a view once, whether its replica or those above ask', async () => {
    const { space } = await opened({ ms: 60_000 })
    const { records, genesis } = space.replica
    expect(facts(records, space.genesis)).toBe(facts(records, genesis))
    expect(elections(records, space.genesis)).toBe(elections(records, genesis))
    await space.close()
  })

  it.each([0, 1])('sends nothing more to a peer that does not carry it (peer %i)', async n => {
    const { space, after } = await opened({ ms: 100 })
    const gone = peers[n] as PeerId
    expect((await after()).some(([peer]) => peer === gone)).toBe(true)
    space.lacking(gone)
    const sent = await after()
    expect(sent.filter(([peer]) => peer === gone)).toEqual([])
    expect(sent.length).toBeGreaterThan(0)
    await space.close()
  })

  it('asks a member back while its question is open, once in a while, and a follower never', async () => {
    const { space, clock, after } = await opened({ ms: 600_000 })
    await after()
    for (const peer of peers) space.lacking(peer)
    expect((await after()).filter(([peer]) => peers.includes(peer))).toEqual([[peers[0], 'broadcast']])

    // the connection breaks before it hears: met again, it is told what is new, and says again that it lacks it all
    space.lacking(peers[0] as PeerId)
    space.linkUp(peers[0] as PeerId)
    space.lacking(peers[0] as PeerId)
    const sent = await after()
    expect(sent.filter(([, type]) => type === 'broadcast')).toEqual([[peers[0], 'broadcast']])
    expect(sent.some(([peer, type]) => peer === peers[0] && type !== 'broadcast')).toBe(true)
    await clock.advance(10)
    await space.close()
  })
})
