/** Acknowledgements: what they prove, who writes them when, and that an idle space stays quiet. */

import { quorumOf } from '@amp-mesh/context'
import type { LogId, Op, PublicKey } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Acked, Acks, finalSeq, hash16 } from '../../../packages/context/src/ledger/acks.ts'
import { type Member, ReplicaNetwork } from '../../simulation/replica-network.ts'
import { genesis, genesisBytes, identity } from '../../simulation/space.ts'

const fact = (o: number | string): Op => ({ k: 'fact', s: 's', p: 'p', o })
const hashOf = (branch: number, seq: number) => new Uint8Array(32).fill(branch * 50 + seq + 1)
const chain = (branch: number, length: number) => ({
  hashAt: (seq: number) => (seq < length ? hashOf(branch, seq) : undefined),
})
const on = (branch: number, seq: number): Acked => [seq, hash16(hashOf(branch, seq))]
const quorum = quorumOf(genesis())
const view = (acks: Record<PublicKey, Acked[]>) => new Map(Object.entries(acks))
const bench = (...broken: PublicKey[]) => ({
  quorum,
  verifiers: new Set(['a', 'b', 'c', 'd']),
  broken: new Set(broken),
})

describe('finalSeq', () => {
  it('is the highest entry that Q verifiers hold', () => {
    const acks = view({ a: [on(0, 2)], b: [on(0, 1), on(0, 5)], c: [on(0, 3)], d: [on(0, 0)] })
    expect(finalSeq(chain(0, 9), acks, bench())).toBe(2)
    expect(finalSeq(chain(0, 9), view({ a: [on(0, 2)], b: [on(0, 5)] }), bench())).toBe(-1)
  })

  it('counts no ack of another history, nor of entries that nobody has', () => {
    const acks = view({ a: [on(0, 2)], b: [on(0, 2)], c: [on(1, 2)] })
    expect(finalSeq(chain(0, 9), acks, bench())).toBe(-1)
    expect(finalSeq(chain(0, 2), view({ a: [on(0, 2)], b: [on(0, 2)], c: [on(0, 2)] }), bench())).toBe(-1)
  })

  it('counts a word once given, whatever its verifier says of another history later', () => {
    const acks = view({ a: [on(0, 2), on(1, 2)], b: [on(0, 2)], c: [on(0, 4)] })
    expect(finalSeq(chain(0, 9), acks, bench())).toBe(2)
    expect(finalSeq(chain(1, 9), acks, bench())).toBe(-1)
  })

  it('takes the author for one that holds its log, and a broken verifier for one that supports all', () => {
    const acks = view({ a: [on(0, 2)], b: [on(0, 3)], c: [] })
    expect(finalSeq(chain(0, 9), acks, bench(), 'd')).toBe(2)
    expect(finalSeq(chain(0, 9), acks, bench('d'), 'd')).toBe(2)
    expect(finalSeq(chain(0, 9), acks, bench('c'))).toBe(2)
    expect(finalSeq(chain(0, 9), acks, bench('a', 'b', 'c'))).toBe(-1)
  })

  it('is given up for nothing that at most f verifiers sign', () => {
    const honest = { b: [on(0, 3)], c: [on(0, 3)] }
    for (const lie of [[], [on(0, 3)], [on(1, 3)], [on(1, 3), on(0, 3)]])
      expect(finalSeq(chain(1, 9), view({ a: lie, ...honest, d: [on(1, 5)] }), bench())).toBe(-1)
  })
})

describe('a set of acks', () => {
  it('keeps those of verifiers, of logs it never heard of too', () => {
    const [verifier, other] = ['v', 'o']
    const acks = new Acks(new Set([verifier]))
    const op: Op<'ack'> = { k: 'ack', heads: [['log', 3, 'h']] }
    for (const by of [verifier, other]) acks.add({ id: 'r', by, log: 'l', seq: 0, n: 0, time: 0, op })
    expect([...acks.of('log')]).toEqual([[verifier, [[3, 'h']]]])
    expect([...acks.of('another')]).toEqual([])
  })
})

const acksOf = (member: Member) => member.replica.records.history('ack')
const ackedBy = (member: Member, by: Member) =>
  acksOf(member)
    .filter(record => record.by === by.identity.publicKey)
    .flatMap(({ op }) => op.heads.map(([log, seq]): [LogId, number] => [log, seq]))

async function meshOf(size: number) {
  const net = new ReplicaNetwork(genesisBytes())
  for (let n = 0; n < size; n++) await net.join(identity(n))
  net.partition(net.members)
  await net.clock.advance(100)
  const [a, b, c, d] = net.members as [Member, Member, Member, Member]
  return { net, a, b, c, d }
}

describe('verifiers', () => {
  it('acknowledge what they hold of others, once, and then the space is quiet', async () => {
    const { net, a, b } = await meshOf(4)
    const [said] = await net.say(a, fact(1))
    await net.clock.advance(2_000)
    expect(acksOf(a), 'no ack while a question is fresh').toEqual([])
    await net.clock.advance(8_000)
    expect(acksOf(a)).toHaveLength(3)
    expect(ackedBy(a, b)).toEqual([[said?.log, 0]])
    net.sent.clear()
    await net.clock.advance(600_000)
    expect(acksOf(a)).toHaveLength(3)
    expect([...net.sent.keys()]).toEqual(['heads'])
  })

  it('write one ack for all that came within seconds, and acks along with words', async () => {
    const { net, a, b, c } = await meshOf(4)
    for (let n = 0; n < 50; n++) {
      await net.say(n % 2 ? a : b, fact(n))
      await net.clock.advance(95)
    }
    await net.clock.advance(20_000)
    const own = acksOf(a).filter(record => record.by === c.identity.publicKey)
    expect(own.length).toBeLessThanOrEqual(3)
    expect(ackedBy(a, c).length).toBeLessThanOrEqual(2 * own.length)
    expect(new Map(ackedBy(a, c)).size).toBe(2)
  })

  it('say nothing of logs they do not hold whole, nor are others’ acks of use', async () => {
    const { net, a, b } = await meshOf(5)
    const guest = net.members[4] as Member
    await net.say(guest, fact('admitted'))
    await net.clock.advance(20_000)
    expect(acksOf(a).some(record => record.by === guest.identity.publicKey)).toBe(false)
    expect(new Set(acksOf(a).map(record => record.by)).size).toBe(4)
    const log = guest.replica.records.of('fact')[0]?.log
    expect(ackedBy(guest, b).map(([id]) => id)).toContain(log)
  })

  it('reopened, do not acknowledge again', async () => {
    const { net, a, b } = await meshOf(4)
    await net.say(a, fact(1))
    await net.clock.advance(10_000)
    const before = ackedBy(a, b)
    await b.replica.close()
    net.drop(b)
    const again = await net.join(b.identity, b.storage)
    net.partition(net.members)
    await net.clock.advance(20_000)
    expect(ackedBy(a, again)).toEqual(before)
  })
})
