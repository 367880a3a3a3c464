/** A verifier at work on replicas: its supports carry votes, never two in one slot, and certificates get published. */
import { CastVotes, elections, freeVotes, MemoryStorage, status } from '@amp-mesh/context'
import type { Op, Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Member, ReplicaNetwork } from '../../../simulation/replica-network.ts'
import { genesisBytes, identity } from '../../../simulation/space.ts'
import { fact, ViewStory } from '../views/view-story.ts'

const four = [0, 1, 2, 3].map(identity)

/** Four verifiers: f = 1, Q = 3. */
async function village(size = 4) {
  const net = new ReplicaNetwork(genesisBytes({ verifiers: four }))
  const members: Member[] = []
  for (const one of four.slice(0, size)) {
    const member = await net.join(one)
    for (const other of members) net.link(member, other)
    members.push(member)
  }
  await net.clock.advance(500)
  return { net, members: members as [Member, Member, Member, Member] }
}

const say = async (net: ReplicaNetwork, member: Member, op: Op): Promise<Rec> => {
  const said = member.replica.append([op])
  await net.clock.advance(300)
  const [record] = await said
  if (record === undefined) throw new Error('a record')
  return record
}
const support = (of: Rec): Op<'verify'> => ({ k: 'verify', of: of.id, v: 1 })
const statusAt = (member: Member, { id }: Rec) => status(member.replica.records, member.replica.genesis, id)
const votesOf = (member: Member, by: Member) =>
  member.replica.records
    .history('verify')
    .filter(({ by: author, op }) => author === by.identity.publicKey && op.vs !== undefined)
    .map(({ op }) => [op.slot, op.ver, op.of])
const certificates = (member: Member) => member.replica.records.of('cert')

describe('a verifier', () => {
  it('votes with its support; with Q votes the record becomes final everywhere, by f+1 certificates', async () => {
    const { net, members } = await village()
    const [a, b, c, d] = members
    const said = await say(net, a, fact(1))
    await say(net, b, support(said))
    await say(net, c, support(said))
    expect(votesOf(a, b)).toEqual([[said.id, 0, said.id]])
    expect(statusAt(a, said)).toBe('verified')
    await say(net, d, support(said))
    await net.clock.advance(8_000)
    expect(members.map(member => statusAt(member, said))).toEqual(['final', 'final', 'final', 'final'])
    expect(new Set(certificates(a).map(({ by }) => by)).size).toBe(2)
    await net.clock.advance(10_000)
    expect(certificates(a), 'nobody publishes one more').toHaveLength(2)
  })

  it('publishes in the place of those who do not', async () => {
    const { net, members } = await village()
    const [a, b, c, d] = members
    const said = await say(net, a, fact(1))
    for (const [one, other] of [
      [a, b],
      [a, c],
      [a, d],
    ] as const)
      net.link(one, other, false)
    // whoever is first in order, at least one of three others has to step in
    for (const member of [b, c, d]) await say(net, member, support(said))
    await net.clock.advance(12_000)
    expect([b, c, d].map(member => statusAt(member, said))).toEqual(['final', 'final', 'final'])
    expect(statusAt(a, said)).toBe('proposed')
  })

  it('votes for nobody while others may know votes of its own that it lost', async () => {
    const { net, members } = await village()
    const [a, b, c, d] = members
    const blue = await say(net, a, fact('blue', { slot: 'sky' }))
    const red = await say(net, b, fact('red', { slot: 'sky' }))
    await say(net, d, support(blue))
    expect(votesOf(c, d)).toEqual([['sky', 0, blue.id]])
    net.drop(d)
    const empty = await net.join(identity(3), new MemoryStorage())
    net.link(empty, c)
    await net.clock.advance(2_000)
    expect(votesOf(empty, empty), 'read again').toEqual([['sky', 0, blue.id]])
    const other = await say(net, a, fact('other', { slot: 'y' }))
    await say(net, c, support(other))
    await say(net, empty, support(other))
    expect(votesOf(empty, empty), 'one of three others is not enough to know all').toHaveLength(1)
    for (const member of [a, b]) net.link(empty, member)
    await say(net, empty, support(red))
    await net.clock.advance(3_000)
    expect(votesOf(a, empty), 'it supports red now, and its vote stays').toEqual([
      ['sky', 0, blue.id],
      ['y', 0, other.id],
    ])
    expect(statusAt(a, red)).toBe('contested')
  })

  it('remembers its votes over a restart', async () => {
    const { net, members } = await village()
    const [a, b, , d] = members
    const blue = await say(net, a, fact('blue', { slot: 'sky' }))
    const red = await say(net, b, fact('red', { slot: 'sky' }))
    await say(net, d, support(blue))
    await d.replica.close()
    net.drop(d)
    const again = await net.join(identity(3), d.storage)
    for (const member of members.slice(0, 3)) net.link(again, member)
    await say(net, again, support(red))
    await net.clock.advance(3_000)
    expect(votesOf(a, again)).toEqual([['sky', 0, blue.id]])
  })

  it('votes no more when its own log forked', async () => {
    const { net, members } = await village()
    const [a, , , d] = members
    const blue = await say(net, a, fact('blue', { slot: 'sky' }))
    await say(net, d, support(blue))
    net.drop(d)
    const empty = await net.join(identity(3), new MemoryStorage())
    const alone = empty.replica.append([{ k: 'need', content: 'nobody is here' }])
    await net.clock.advance(2_000)
    await alone
    for (const member of members.slice(0, 3)) net.link(empty, member)
    await net.clock.advance(3_000)
    const green = await say(net, a, fact('green', { slot: 'grass' }))
    for (const record of [blue, green]) await say(net, empty, support(record))
    await net.clock.advance(8_000)
    expect(votesOf(a, empty), 'the one from before, said again').toEqual([['sky', 0, blue.id]])
    expect([statusAt(a, blue), statusAt(a, green)], 'its word counts').toEqual(['contested', 'contested'])
  })

  it('votes later for what it supported before it could', async () => {
    const { net, members } = await village(2)
    const [a, b] = members
    const said = await say(net, a, fact(1, { slot: 'x' }))
    await say(net, b, support(said))
    expect(votesOf(a, b), 'two of four were never heard').toEqual([])
    for (const n of [2, 3]) {
      const member = await net.join(identity(n))
      for (const other of net.members) if (other !== member) net.link(member, other)
      await net.clock.advance(1_500)
      await say(net, member, support(said))
    }
    await net.clock.advance(3_000)
    expect(votesOf(a, b)).toEqual([['x', 0, said.id]])
    expect(statusAt(b, said)).toBe('final')
    expect(b.replica.records.of('verify').filter(({ by }) => by === b.identity.publicKey)).toHaveLength(2)
  })

  it('that is none never votes', async () => {
    const { net, members } = await village()
    const guest = await net.join(identity(9))
    for (const member of members) net.link(guest, member)
    await net.clock.advance(1_000)
    const said = await say(net, members[0], fact(1))
    await say(net, guest, support(said))
    expect(votesOf(members[0], guest)).toEqual([])
  })

  it('in a space of its own decides alone', async () => {
    const net = new ReplicaNetwork(genesisBytes({ verifiers: [identity(0)] }))
    const only = await net.join(identity(0))
    const said = await say(net, only, fact(1))
    await say(net, only, support(said))
    await net.clock.advance(7_000)
    expect(statusAt(only, said)).toBe('final')
  })
})

describe('an honest vote', () => {
  const free = (story: ViewStory, n: number, record: Rec) => {
    const cast = new CastVotes()
    for (const { by, op } of story.records.history('verify'))
      if (by === identity(n).publicKey && op.vs !== undefined)
        cast.add({ slot: op.slot ?? op.of, ver: op.ver ?? 0, of: op.of })
    return freeVotes(story.records, story.genesis, identity(n).publicKey, cast, record).map(({ slot, ver }) => [
      slot,
      ver,
    ])
  }

  it('is one in each slot and version, also when it was taken back', () => {
    const story = new ViewStory()
    const [a, b] = [story.say(0, fact(1, { slot: 'x' })), story.say(1, fact(2, { slot: 'x' }))]
    expect(free(story, 2, a)).toEqual([['x', 0]])
    const vote = story.vote(2, a, 'x')
    expect([free(story, 2, a), free(story, 2, b)]).toEqual([[], []])
    story.say(2, { k: 'retract', of: vote.id })
    story.verify(2, a, 0)
    expect(free(story, 2, b)).toEqual([])
  })

  it('waits for the version before, and does not follow a decision', () => {
    const story = new ViewStory()
    const [a, b] = [story.say(0, fact(1, { slot: 'x' })), story.say(1, fact(2, { slot: 'x', ver: 1 }))]
    expect(free(story, 3, b)).toEqual([])
    for (const n of [0, 1, 2]) story.vote(n, a, 'x')
    expect([free(story, 3, a), free(story, 3, b)]).toEqual([[], [['x', 1]]])
  })

  it('after a stuck version is only for the candidate that led it', () => {
    const story = new ViewStory({ verifiers: [0, 1, 2, 3, 4, 5, 6].map(identity) })
    const asked = story.say(0, { k: 'broadcast', query: 'q' })
    const made = [0, 1, 2, 3].map(n =>
      story.say(n, { k: 'synthesis', for: asked.id, content: `${n}`, claims: [] }),
    ) as [Rec, Rec, Rec, Rec]
    for (const [n, of] of [0, 0, 1, 1, 2, 2].entries()) story.vote(n, made[of] as Rec, asked.id)
    expect(free(story, 6, made[0]), 'one is to come').toEqual([[asked.id, 0]])
    story.vote(6, made[3], asked.id)
    expect(elections(story.records, story.genesis).isStuck(asked.id, 0)).toBe(true)
    const leader = [made[0], made[1], made[2]].sort((x, y) => (x.id < y.id ? -1 : 1))[0]
    for (const record of made) expect(free(story, 6, record)).toEqual(record === leader ? [[asked.id, 1]] : [])
  })

  it('in the slot of a conflict is for the one side that is left, and binds', () => {
    const story = new ViewStory()
    const [a, b] = [story.say(0, fact(1)), story.say(1, fact(2))]
    const conflict = story.say(3, { k: 'conflict', a: [a.id, b.id] })
    story.verify(2, a, 1)
    expect(free(story, 2, a), 'no word on the other side yet').toEqual([[a.id, 0]])
    story.verify(2, b, -1)
    expect(free(story, 2, a)).toEqual([
      [a.id, 0],
      [conflict.id, 0],
    ])
    story.vote(2, a)
    story.verify(2, a, -1)
    story.verify(2, b, 1)
    expect(free(story, 2, b), 'it voted for the other side').toEqual([])
    story.verify(2, a, 1)
    expect(free(story, 2, b), 'it sees no contradiction').toEqual([[b.id, 0]])
  })
})
