/** Checkpoints: what their authors say is alive, who believes it, what they let go of. CONTEXT.md §7. */

import { type Ledger, SpaceStore } from '@amp-mesh/context'
import { auditStored, type Part } from '@amp-mesh/context/history'
import { LEDGER_LIMITS, type Op, type RecordId } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { checkpointOp } from '../../../packages/context/src/ledger/checkpoint.ts'
import { liveOf, rootOf } from '../../../packages/context/src/ledger/live-records.ts'
import { type Member, ReplicaNetwork, recordIds } from '../../simulation/replica-network.ts'
import { genesisBytes, identity, ledger, verifyWithOpenSsl, write } from '../../simulation/space.ts'

const WRITER = 9
const writer = identity(WRITER)
const bytes = genesisBytes({ open: false, writers: [writer, identity(10)] })
const fact = (o: number | string): Op => ({ k: 'fact', s: 's', p: 'p', o })
const count = (n: number): Op => ({ k: 'count', name: `c${n % 3}`, p: n, n: 0 })
/** Enough records for a checkpoint to be due: most of them replaced by later ones. */
const many = (from: number): Op[] =>
  Array.from({ length: LEDGER_LIMITS.checkpointOps / 16 }, (_, i) => (i % 8 === 0 ? fact(from + i) : count(from + i)))
const [log] = [(held: Ledger) => [...held.logs()].find(({ by }) => by === writer.publicKey)]

describe('what is alive in a log', () => {
  it('is what its author neither took back nor replaced there', () => {
    const held = ledger(bytes, writer)
    const idOf = (n: number) => [...held.records()].find(record => record.n === n)?.id as RecordId
    write(held, writer, [fact('kept'), fact('retracted'), fact('replaced'), count(0), count(3)])
    write(held, writer, [
      { k: 'retract', of: idOf(1) },
      { k: 'fact', s: 's', p: 'p', o: 'new', sup: idOf(2) },
      { k: 'verify', of: idOf(0), v: 1 },
      { k: 'verify', of: idOf(0), v: -1 },
      { k: 'ack', heads: [] },
      { k: 'ack', heads: [] },
    ])
    expect(liveOf([...held.records()]).map(({ n }) => n)).toEqual([0, 4, 5, 6, 8, 9, 10])
  })
})

describe('a checkpoint', () => {
  function filled() {
    const held = ledger(bytes, writer)
    const segments = Array.from({ length: 16 }, (_, i) => write(held, writer, many(i * 1_000)))
    return { held, segments, op: checkpointOp(log(held) as never) }
  }

  it('counts where it is due and true; a lie is seen by whoever holds the log', () => {
    const { held, segments, op } = filled()
    const said = write(held, writer, [op])
    expect(log(held)?.checkpoint).toMatchObject({ seq: 16, n: LEDGER_LIMITS.checkpointOps, live: op.n })
    const other = ledger(bytes)
    for (const segment of [...segments, said]) other.ingest(segment)
    expect(log(other)?.checkpoint).toEqual(log(held)?.checkpoint)
    for (const lie of [{ n: op.n - 1 }, { root: rootOf([]) }, { upto: op.upto - 1 }, { ops: op.ops + 1 }]) {
      const liar = ledger(bytes, writer)
      for (const segment of segments) liar.ingest(segment)
      write(liar, writer, [{ ...op, ...lie }])
      expect([log(liar)?.checkpoint, log(liar)?.liedAt]).toEqual([undefined, 16])
    }
    const early = ledger(bytes, writer)
    write(early, writer, [fact(1)])
    write(early, writer, [checkpointOp(log(early) as never)])
    expect([log(early)?.checkpoint, log(early)?.liedAt]).toEqual([undefined, undefined])
  })

  it('gives back the quota of what it lets go', () => {
    const small = genesisBytes({ open: false, writers: [writer], limits: { quota: 20_000 } })
    const held = ledger(small, writer)
    for (let n = 0; n < 40; n++) {
      for (let i = 0; i < 20; i++) write(held, writer, [count(n * 20 + i), { k: 'reg', name: 'r', v: 'x'.repeat(300) }])
      write(held, writer, [checkpointOp(log(held) as never)])
    }
    expect(log(held)?.length).toBe(840)
    expect(() => {
      for (let i = 0; i < 100; i++) write(held, writer, [{ ...fact(i), text: 'y'.repeat(300) } as Op])
    }).toThrow('full')
  })
})

describe('replicas', () => {
  /** Four verifiers, and a writer that said enough for a checkpoint, which all of them hold. */
  async function spoken(archives: boolean, words = many) {
    const net = new ReplicaNetwork(bytes)
    net.archive = archives
    const members = await Promise.all([0, 1, 2, 3, WRITER].map(n => net.join(identity(n))))
    net.partition(members)
    await net.clock.advance(100)
    const author = members.at(-1) as Member
    for (let i = 0; i < 17; i++) await net.say(author, ...words(i * 1_000))
    await net.clock.advance(1_000)
    return { net, members, author }
  }
  const facts = (member: Member) => member.replica.records.of('fact').length
  const stored = async (member: Member) => {
    let count = 0
    for await (const _ of new SpaceStore(member.storage, member.replica.id).segments('others')) count++
    return count
  }

  const findings = async ({ storage, replica, identity: self }: Member) => {
    const store = new SpaceStore(storage, replica.id)
    const parts: Part[] = []
    for await (const part of store.parts()) parts.push(part)
    const kept = { genesis: bytes, parts, proofs: [], markers: await store.markers(), damaged: [] }
    return auditStored(replica.id, kept, { self, verify: verifyWithOpenSsl }).findings
  }

  it('[G3.checkpoint] prune at a proven one, and are then as one that began there', async () => {
    const { net, members, author } = await spoken(false)
    const full = recordIds(author)
    const entries = await stored(author)
    await net.clock.advance(20_000)
    for (const member of members)
      expect(recordIds(member).length, member.identity.publicKey).toBeLessThan(full.length / 4)
    expect(await stored(author)).toBeLessThanOrEqual(entries)
    expect(await findings(author)).toEqual([])
    const late = await net.join(identity(10))
    net.partition([...members, late])
    net.sent.clear()
    await net.clock.advance(15_000)
    expect(net.sent.get('checkpoint') ?? 0).toBeGreaterThan(0)
    for (const member of [...members, late]) {
      expect(recordIds(member)).toEqual(recordIds(author))
      expect(member.strikes).toEqual([])
    }
    expect(facts(late)).toBeGreaterThan(500)
    await net.say(author, fact('the tail'))
    await net.clock.advance(2_000)
    for (const member of [...members, late])
      expect(member.replica.records.of('fact').some(({ op }) => op.o === 'the tail')).toBe(true)
    net.drop(late)
    const again = await net.join(identity(10), late.storage)
    expect(recordIds(again)).toEqual(recordIds(author))
  })

  it('keep entries, and hand them on, where a checkpoint would spare little', async () => {
    const lasting = (from: number) => many(from).map((_, i) => fact(from + i))
    const { net, members, author } = await spoken(false, lasting)
    await net.clock.advance(20_000)
    const late = await net.join(identity(10))
    net.partition([...members, late])
    net.sent.clear()
    await net.clock.advance(15_000)
    expect(late.replica.records.history('ckpt')).toHaveLength(1)
    expect(net.sent.get('checkpoint') ?? 0).toBe(0)
    expect(recordIds(late)).toEqual(recordIds(author))
    expect(facts(late)).toBe(17 * lasting(0).length)
  })

  it('replay where no quorum stands behind a checkpoint', async () => {
    const { net, members, author } = await spoken(true)
    net.partition([author], members.slice(0, -1))
    // the author alone claims that verifiers hold it: nobody else is there to say so
    const late = await net.join(identity(10))
    net.partition([author, late])
    await net.clock.advance(10_000)
    expect(net.sent.get('checkpoint') ?? 0).toBe(0)
    expect(recordIds(late)).toEqual(recordIds(author))
  })

  it('keep everything where they are archives', async () => {
    const { net, members, author } = await spoken(true)
    const before = recordIds(author).length
    await net.clock.advance(20_000)
    for (const member of members) expect(recordIds(member).length).toBeGreaterThanOrEqual(before)
  })
})
