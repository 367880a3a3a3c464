/** A space among its members: whoever left it is sent nothing more, and pays nothing for it. */
import { elections, facts, MemoryStorage } from '@amp-mesh/context'
import { LexicalEmbedder } from '@amp-mesh/discovery'
import type { Clock, Identity, Message, PeerId } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { LiveSpace, type SpaceWorld } from '../../../packages/peer/src/live-space.ts'
import { Spaces } from '../../../packages/peer/src/spaces.ts'
import { genesisBytes, identity, SeededRandom, SimulatedClock, silent, verifyOnce } from '../../simulation/space.ts'

const [self, member, follower] = [0, 1, 30].map(identity) as [Identity, Identity, Identity]
const peers = [member.peerId, follower.peerId]

interface Sent {
  to: PeerId
  type: Message['type']
}

function worldOf(clock: Clock, sent: Sent[] = []): SpaceWorld {
  return {
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
    post: (to, { type }) => {
      sent.push({ to, type })
      return true
    },
    spread: () => {},
    want: () => {},
    onRecord: () => {},
    onRefused: () => {},
  }
}

async function opened(limits: { ms: number }) {
  const clock = new SimulatedClock()
  const sent: Sent[] = []
  const world = worldOf(clock, sent)
  const genesis = genesisBytes({ budgetMs: limits.ms })
  const space = await done(clock, LiveSpace.open(world, { genesis }))
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

/** What comes of it while the clock runs on. */
async function done<T>(clock: SimulatedClock, work: Promise<T>): Promise<T> {
  await clock.advance(50)
  return work
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
    expect((await after()).some(({ to }) => to === gone)).toBe(true)
    space.lacking(gone)
    const sent = await after()
    expect(sent.filter(({ to }) => to === gone)).toEqual([])
    expect(sent.length).toBeGreaterThan(0)
    await space.close()
  })

  it('asks a member back while its question is open, once in a while, and a follower never', async () => {
    const { space, clock, after } = await opened({ ms: 600_000 })
    await after()
    for (const peer of peers) space.lacking(peer)
    const invitation = { to: peers[0], type: 'broadcast' }
    expect((await after()).filter(({ to }) => peers.includes(to))).toEqual([invitation])

    // the connection breaks before it hears: met again, it is told what is new, and says again that it lacks it all
    space.lacking(peers[0] as PeerId)
    space.linkUp(peers[0] as PeerId)
    space.lacking(peers[0] as PeerId)
    const sent = await after()
    expect(sent.filter(({ type }) => type === 'broadcast')).toEqual([invitation])
    expect(sent.some(({ to, type }) => to === peers[0] && type !== 'broadcast')).toBe(true)
    await clock.advance(10)
    await space.close()
  })

  it('is no younger after a restart: once its budget is spent nobody new is told of it', async () => {
    const clock = new SimulatedClock()
    const sent: Sent[] = []
    const world = worldOf(clock, sent)
    const started = async (now = clock) => {
      const spaces = new Spaces({ ...world, clock: now, mesh: 'm', onInvited: () => {}, onJoined: () => {} })
      await done(clock, spaces.reopen())
      return spaces
    }
    const spaces = await started()
    const { id, replica } = await done(clock, spaces.found(genesisBytes({ budgetMs: 60_000 })))
    const asked = replica.append([{ k: 'broadcast', query: 'q' }])
    await clock.advance(50_000)
    await asked
    await spaces.close()

    const again = await started()
    const toldOnMeeting = (peer: PeerId) => {
      sent.splice(0)
      again.linkUp(peer)
      return sent
    }
    expect(toldOnMeeting(follower.peerId)).toEqual([{ to: follower.peerId, type: 'broadcast' }])
    await clock.advance(10_000)
    expect(toldOnMeeting(follower.peerId)).toEqual([])
    await again.close()

    const putBack = await started(new SimulatedClock())
    expect(putBack.get(id)?.age()).toBe(0)
    await putBack.close()
  })
})
