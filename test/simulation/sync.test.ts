/** Replicas that talk: everybody comes to hold the same, through partitions, forks, losses and late joins. */
import type { Op } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Member, ReplicaNetwork, recordIds } from './replica-network.ts'
import { EPOCH_MS, genesisBytes, identity, ledger, SeededRandom, write } from './space.ts'

const fact = (o: number | string): Op => ({ k: 'fact', s: 's', p: 'p', o })

async function network(size: number, seed = 1): Promise<{ net: ReplicaNetwork; members: Member[] }> {
  const net = new ReplicaNetwork(genesisBytes(), seed)
  for (let n = 0; n < size; n++) await net.join(identity(n))
  return { net, members: net.members }
}

function expectEqual(members: readonly Member[]): void {
  for (const member of members.slice(1)) expect(recordIds(member)).toEqual(recordIds(members[0] as Member))
}

describe('[G3.sync] sync', () => {
  it('brings what one says to everybody, in a full mesh by one push each', async () => {
    const { net, members } = await network(4)
    net.partition(members)
    await net.clock.advance(100)
    net.sent.clear()
    await net.say(members[0] as Member, fact(1))
    await net.clock.advance(500)
    for (const member of members) expect(member.replica.records.of('fact')).toHaveLength(1)
    expect(net.sent.get('segment')).toBe(3)
    expect(net.sent.get('want') ?? 0).toBe(0)
  })

  it('passes records on along a chain of neighbours', async () => {
    const { net, members } = await network(5)
    for (let i = 1; i < 5; i++) net.link(members[i - 1] as Member, members[i] as Member)
    await net.clock.advance(100)
    await net.say(members[0] as Member, fact(1), fact(2))
    await net.clock.advance(1_500)
    expect(members.at(-1)?.replica.records.of('fact')).toHaveLength(2)
    expect(members.at(-1)?.heard).toHaveLength(2)
  })

  it('lets a stranger write once a verifier admitted it, and waits with the other verifiers', async () => {
    const { net, members } = await network(5)
    net.partition(members)
    const stranger = members[4] as Member
    await net.clock.advance(100)
    await net.say(stranger, fact('from outside'))
    await net.clock.advance(1_000)
    expectEqual(members)
    expect(stranger.replica.admitted).toBe(true)
    expect(members[0]?.replica.records.of('admit')).toHaveLength(1)
  })

  it('brings a late member everything, merged', async () => {
    const { net, members } = await network(3)
    net.partition(members)
    for (let i = 0; i < 300; i++) await net.say(members[0] as Member, fact(i))
    const late = await net.join(identity(3))
    net.sent.clear()
    net.link(members[1] as Member, late)
    await net.clock.advance(500)
    expectEqual(net.members)
    expect(late.replica.records.of('fact')).toHaveLength(300)
    expect(net.sent.get('segment')).toBe(2)
  })

  it('heals a partition in which both sides wrote', async () => {
    const { net, members } = await network(5)
    net.partition(members)
    await net.say(members[4] as Member, fact('admitted'))
    await net.clock.advance(1_000)
    net.partition(members.slice(0, 2), members.slice(2))
    for (const member of members) await net.say(member, fact(member.identity.peerId))
    await net.clock.advance(1_000)
    expect(recordIds(members[0] as Member)).not.toEqual(recordIds(members[4] as Member))
    net.partition(members)
    await net.clock.advance(1_000)
    expectEqual(members)
    expect(members[0]?.replica.records.of('fact')).toHaveLength(6)
  })

  it.each([1, 2, 3])('makes up for lost messages (seed %i)', async seed => {
    const { net, members } = await network(4, seed)
    net.loss = 0.3
    net.partition(members)
    for (let i = 0; i < 20; i++) await net.say(members[i % 4] as Member, fact(i))
    await net.clock.advance(60_000)
    expectEqual(members)
    expect(members[0]?.replica.records.of('fact')).toHaveLength(20)
  })

  it('is quiet when there is nothing new', async () => {
    const { net, members } = await network(4)
    net.partition(members)
    await net.say(members[0] as Member, fact(1))
    await net.clock.advance(10_000)
    net.sent.clear()
    await net.clock.advance(30_000)
    expect(Object.fromEntries(net.sent)).toEqual({ heads: 4 * 3 * 3 })
  })
})

/** Histories of an author who told different members different things. `shared` entries, then one branch per group. */
function branches(shared: number, lengths: readonly number[]): Uint8Array[][] {
  const evil = identity(9)
  const held = lengths.map(() => ledger(genesisBytes(), evil, () => EPOCH_MS))
  const first = held[0] as ReturnType<typeof ledger>
  const prefix = Array.from({ length: shared }, (_, i) => write(first, evil, [fact(`shared ${i}`)]))
  return held.map((each, branch) => {
    if (branch > 0) for (const segment of prefix) each.ingest(segment)
    const own = Array.from({ length: lengths[branch] as number }, (_, i) => write(each, evil, [fact(`${branch}/${i}`)]))
    return [...prefix, ...own]
  })
}

describe('[G1.fork] forks', () => {
  const cases = [
    { name: 'at once', shared: 0, lengths: [1, 1] },
    { name: 'after a common past', shared: 3, lengths: [2, 3] },
    { name: 'far back', shared: 40, lengths: [90, 60] },
    { name: 'a short branch against a long one', shared: 2, lengths: [1, 120] },
    { name: 'in three', shared: 5, lengths: [4, 4, 2] },
  ]
  it.each(cases)('are cut at the same entry by all: $name', async ({ shared, lengths }) => {
    const { net, members } = await network(5)
    net.partition(members)
    await net.say(members[0] as Member, { k: 'admit', pub: identity(9).publicKey })
    await net.clock.advance(500)
    net.partition(...members.map(member => [member]))
    const told = branches(shared, lengths)
    for (const [n, member] of members.entries())
      for (const segment of told[n % told.length] ?? []) await member.replica.importSegment(segment)
    net.sent.clear()
    net.partition(members)
    await net.clock.advance(5_000)
    expectEqual(members)
    // steps back double: 20 talks of a few wants each, however far back the histories part
    expect(net.sent.get('want')).toBeLessThan(200)
    for (const member of members) {
      expect(member.replica.records.of('fact')).toHaveLength(shared)
      expect(member.strikes).toEqual([])
    }
    net.sent.clear()
    await net.clock.advance(10_000)
    expect(net.sent.get('want') ?? 0, 'the conversation comes to rest').toBe(0)
  })

  it('are cut alike where only some hold the branches, in any partition', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = new SeededRandom(seed)
      const { net, members } = await network(5, seed)
      net.partition(members)
      await net.say(members[0] as Member, { k: 'admit', pub: identity(9).publicKey })
      await net.clock.advance(500)
      const told = branches(1 + random.below(6), [1 + random.below(4), 1 + random.below(4), 1 + random.below(4)])
      for (let round = 0; round < 4; round++) {
        const side = members.filter(() => random.float() < 0.5)
        net.partition(
          side,
          members.filter(member => !side.includes(member)),
        )
        const member = random.pick(members)
        for (const segment of random.pick(told)) await member.replica.importSegment(segment)
        await net.clock.advance(random.below(1_500))
      }
      net.partition(members)
      await net.clock.advance(5_000)
      expectEqual(members)
    }
  })

  it('leave the author later epochs after one fork, none after two', async () => {
    const { net, members } = await network(3)
    net.partition(members)
    const evil = identity(9)
    await net.say(members[0] as Member, { k: 'admit', pub: evil.publicKey })
    const [a, b, later] = [1, 2, 3].map(() => ledger(genesisBytes(), evil, () => EPOCH_MS))
    if (a === undefined || b === undefined || later === undefined) throw new Error('three ledgers')
    const tell = async (epoch: number) => {
      for (const [member, held] of [
        [0, a],
        [1, b],
      ] as const)
        await members[member]?.replica.importSegment(write(held, evil, [fact(`${epoch}/${member}`)], epoch))
      await net.clock.advance(2_000)
    }
    await tell(0)
    await members[0]?.replica.importSegment(write(later, evil, [fact('allowed')], 2))
    await net.clock.advance(2_000)
    for (const { replica } of members) expect(replica.records.of('fact').map(({ op }) => op.o)).toEqual(['allowed'])
    await tell(1)
    for (const { replica } of members) expect(replica.records.of('fact')).toEqual([])
    expect(await members[2]?.replica.importSegment(write(later, evil, [fact('more')], 3))).toBe('frozen')
    await net.clock.advance(2_000)
    expectEqual(members)
  })
})
