/** What a fork of one's own log took away is said again, once, and what hangs together stays together. */
import { MemoryStorage, SpaceStore } from '@amp-mesh/context'
import type { Op } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Member, ReplicaNetwork } from '../../simulation/replica-network.ts'
import { genesisBytes, identity } from '../../simulation/space.ts'

const fact = (o: number | string): Op => ({ k: 'fact', s: 's', p: 'p', o })
const objects = (member: Member) =>
  member.replica.records
    .of('fact')
    .map(({ op }) => op.o)
    .sort()

async function copyOf(storage: Member['storage']): Promise<MemoryStorage> {
  const copy = new MemoryStorage()
  for await (const [key, value] of storage.range('', '\uffff')) await copy.write([{ put: key, value }])
  return copy
}

/** All that one holds, brought to another by hand: two members with one key can't both be reached by it. */
async function carry(from: Member, to: Member): Promise<void> {
  const store = new SpaceStore(from.storage, from.replica.id)
  for (const which of ['verifiers', 'others'] as const)
    for await (const { bytes } of store.segments(which)) await to.replica.importSegment(bytes)
  for await (const bytes of store.branches()) await to.replica.importSegment(bytes)
}

/** A member whose folder was copied while it ran, the copy that was started too, and somebody who sees both. */
async function twins() {
  const net = new ReplicaNetwork(genesisBytes())
  const [one, witness] = [await net.join(identity(0)), await net.join(identity(1))]
  net.partition([one, witness])
  await net.clock.advance(100)
  await net.say(one, fact('before'))
  await net.clock.advance(500)
  net.partition()
  const two = await net.join(identity(0), await copyOf(one.storage))
  net.members.splice(net.members.indexOf(two), 1)
  return { net, one, two, witness }
}

describe('a member that finds its own log forked', () => {
  it('says both histories again in its next epoch, so that nothing is lost', async () => {
    const { net, one, two, witness } = await twins()
    const [claim] = await net.say(one, fact('of one'))
    await net.say(one, { k: 'build_on', parent: claim?.id ?? '', content: 'on my own word' })
    await net.say(two, fact('of two'))
    await two.replica.close()
    net.partition([one, witness])
    await carry(two, witness)
    await net.clock.advance(15_000)
    for (const member of [one, witness]) expect(objects(member)).toEqual(['before', 'of one', 'of two'])
    const { records } = witness.replica
    const [built] = records.of('build_on')
    expect(records.get(built?.op.parent ?? '')?.op).toEqual(fact('of one'))
    expect(witness.replica.logs().map(({ epoch, fork }) => [epoch, fork])).toContainEqual([0, 1])
    const size = records.size
    expect(await one.replica.rescue()).toEqual([])
    await net.clock.advance(20_000)
    expect(witness.replica.records.size).toBeLessThanOrEqual(size + 2)
  })

  it('goes on beside its twin without a second fork', async () => {
    const { net, one, two, witness } = await twins()
    await net.say(one, fact('of one'))
    await net.say(two, fact('of two'))
    net.partition([one, witness])
    for (let n = 0; n < 6; n++) {
      await carry(two, witness)
      await carry(witness, two)
      await net.clock.advance(5_000)
      await net.say(n % 2 ? one : two, fact(`later ${n}`))
    }
    await carry(two, witness)
    await net.clock.advance(5_000)
    const said = ['before', ...[0, 1, 2, 3, 4, 5].map(n => `later ${n}`), 'of one', 'of two']
    expect([...new Set(objects(witness))]).toEqual(said)
    expect(witness.replica.logs().filter(({ fork }) => fork !== undefined)).toHaveLength(1)
  })

  it('does not say again what a quorum kept', async () => {
    const { net, one, two, witness } = await twins()
    const [third, fourth] = [await net.join(identity(2)), await net.join(identity(3))]
    net.partition([one, witness, third, fourth])
    await net.say(one, fact('of one'))
    await net.clock.advance(10_000)
    await net.say(two, fact('of two'))
    await two.replica.close()
    await carry(two, witness)
    await net.clock.advance(25_000)
    expect(objects(witness)).toEqual(['before', 'of one', 'of two'])
    const kept = witness.replica.records.of('fact').map(({ op, log }) => [op.o, log])
    const [logOne, logTwo] = ['of one', 'of two'].map(o => kept.find(([said]) => said === o)?.[1])
    const [fork] = witness.replica.logs().filter(({ fork }) => fork !== undefined)
    expect(logOne).toBe(fork?.id)
    expect(logTwo).not.toBe(fork?.id)
  })
})
