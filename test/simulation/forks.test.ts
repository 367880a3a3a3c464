/**
 * Forks resolved by acks, over the real conversation of replicas: whatever a quorum held stays, the rest goes, on all
 * alike.
 */
import type { Op } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Member, ReplicaNetwork, recordIds } from './replica-network.ts'
import { EPOCH_MS, genesisBytes, identity, ledger, write } from './space.ts'

const fact = (o: number | string): Op => ({ k: 'fact', s: 's', p: 'p', o })
const EVIL = identity(9)
const objects = (member: Member) =>
  member.replica.records
    .of('fact')
    .map(({ op }) => op.o)
    .sort()

/** Four verifiers that admitted a writer, parted from each other, and its histories: A and B after `common`. */
async function told(minority: readonly number[]) {
  const net = new ReplicaNetwork(genesisBytes())
  for (let n = 0; n < 4; n++) await net.join(identity(n))
  net.partition(net.members)
  await net.say(net.members[0] as Member, { k: 'admit', pub: EVIL.publicKey })
  await net.clock.advance(15_000)
  net.partition()
  const [a, b] = [ledger(genesisBytes(), EVIL, () => EPOCH_MS), ledger(genesisBytes(), EVIL, () => EPOCH_MS)]
  const common = write(a, EVIL, [fact('common')])
  b.ingest(common)
  const histories = {
    A: [common, ...['A1', 'A2'].map(o => write(a, EVIL, [fact(o)]))],
    B: [common, ...['B1', 'B2', 'B3'].map(o => write(b, EVIL, [fact(o)]))],
  }
  const tell = async (n: number) => {
    for (const segment of minority.includes(n) ? histories.B : histories.A)
      await net.members[n]?.replica.importSegment(segment)
  }
  return { net, tell, histories }
}

/** `ackers` hear of their history early enough to acknowledge it before everybody meets again. */
async function outcome(ackers: readonly number[], minority: readonly number[]) {
  const { net, tell } = await told(minority)
  for (const n of ackers) await tell(n)
  await net.clock.advance(8_000)
  for (const n of [0, 1, 2, 3]) if (!ackers.includes(n)) await tell(n)
  net.partition(net.members)
  await net.clock.advance(15_000)
  for (const member of net.members) expect(recordIds(member)).toEqual(recordIds(net.members[0] as Member))
  for (const member of net.members) expect(member.strikes).toEqual([])
  return { net, seen: objects(net.members[0] as Member) }
}

describe('[G1.fork] a fork', () => {
  it.each([
    { name: 'nobody acknowledged a history', ackers: [], minority: [3], stays: ['common'] },
    { name: 'a quorum acknowledged one', ackers: [0, 1, 2], minority: [3], stays: ['A1', 'A2', 'common'] },
    { name: 'two of four did', ackers: [0, 1], minority: [2, 3], stays: ['common'] },
    { name: 'acks are split', ackers: [0, 1, 2, 3], minority: [2, 3], stays: ['common'] },
    { name: 'the history of most was not the first to come', ackers: [1, 2, 3], minority: [1, 2, 3], stays: ['B'] },
  ])('where $name', async ({ ackers, minority, stays }) => {
    const { seen } = await outcome(ackers, minority)
    expect(seen).toEqual(stays[0] === 'B' ? ['B1', 'B2', 'B3', 'common'] : stays)
  })

  it('is decided alike after a restart, and by one who comes late', async () => {
    const { net, seen } = await outcome([0, 1, 2], [3])
    for (const member of [...net.members]) {
      await member.replica.close()
      net.drop(member)
      const again = await net.join(member.identity, member.storage)
      expect(objects(again)).toEqual(seen)
      expect(recordIds(again)).toEqual(recordIds(member))
    }
    const late = await net.join(identity(11))
    net.link(late, net.members[3] as Member)
    await net.clock.advance(3_000)
    expect(recordIds(late)).toEqual(recordIds(net.members[0] as Member))
  })

  it('keeps what a quorum relied on, however far back the author signs anew', async () => {
    const { net } = await told([])
    const long = ledger(genesisBytes(), EVIL, () => EPOCH_MS)
    const history = Array.from({ length: 700 }, (_, n) => write(long, EVIL, [fact(n)]))
    for (const member of net.members) for (const segment of history) await member.replica.importSegment(segment)
    net.partition(net.members)
    await net.clock.advance(15_000)
    const other = write(
      ledger(genesisBytes(), EVIL, () => EPOCH_MS),
      EVIL,
      [fact('another past')],
    )
    expect(await net.members[2]?.replica.importSegment(other)).toBe('fork')
    await net.clock.advance(5_000)
    for (const member of net.members) expect(objects(member)).toHaveLength(700)
    const late = await net.join(identity(11))
    net.link(late, net.members[1] as Member)
    await net.clock.advance(5_000)
    expect(objects(late)).toHaveLength(700)
  })

  it('lets no verifier take its word back by forking its own log', async () => {
    const { net, tell } = await told([3])
    for (const n of [0, 1, 2]) await tell(n)
    await net.clock.advance(8_000)
    // the liar signs another first entry: whatever it acknowledged is cut with its log
    const liar = write(
      ledger(genesisBytes(), identity(2), () => EPOCH_MS),
      identity(2),
      [fact('another self')],
    )
    await net.members[0]?.replica.importSegment(liar)
    await tell(3)
    net.partition(net.members)
    await net.clock.advance(15_000)
    for (const member of net.members) expect(objects(member)).toEqual(['A1', 'A2', 'common'])
  })

  it('of three histories keeps the one that is acknowledged, at the lowest fork point', async () => {
    const { net, histories } = await told([])
    const third = ledger(genesisBytes(), EVIL, () => EPOCH_MS)
    const c = [fact('C0'), fact('C1')].map(op => write(third, EVIL, [op]))
    for (const n of [0, 1, 2]) for (const segment of histories.B) await net.members[n]?.replica.importSegment(segment)
    await net.clock.advance(8_000)
    for (const segment of c) await net.members[3]?.replica.importSegment(segment)
    const witness = await net.join(identity(12))
    for (const segment of histories.A) await witness.replica.importSegment(segment)
    net.partition(net.members)
    await net.clock.advance(30_000)
    for (const member of net.members) expect(objects(member)).toEqual(['B1', 'B2', 'B3', 'common'])
  })
})
