/** Checkpoints: what their authors say is alive, who believes it, what they let go of. CONTEXT.md §7. */
import { decodeSegment, encodeSegment, type Ledger, SpaceStore } from '@amp-mesh/context'
import { auditStored, type Part } from '@amp-mesh/context/history'
import { LEDGER_LIMITS, type Op, type RecordId, sha256 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { checkpointOp } from '../../../packages/context/src/ledger/checkpoint.ts'
import { liveOf, rootOf } from '../../../packages/context/src/ledger/live-records.ts'
import { type Member, ReplicaNetwork, recordIds } from '../../simulation/replica-network.ts'
import { genesisBytes, identity, ledger, verifyOnce, write } from '../../simulation/space.ts'

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
      expect([log(liar)?.checkpoint, log(liar)?.stated.liedAt]).toEqual([undefined, 16])
    }
    const early = ledger(bytes, writer)
    write(early, writer, [fact(1)])
    write(early, writer, [checkpointOp(log(early) as never)])
    expect([log(early)?.checkpoint, log(early)?.stated.liedAt]).toEqual([undefined, undefined])
  })

  const small = genesisBytes({ open: false, writers: [writer], limits: { quota: 20_000 } })
  const brick = (i: number): Op => ({ k: 'fact', s: 's', p: 'p', o: i, text: 'y'.repeat(300) })
  const chapter = (held: Ledger, n = 0) => {
    const ops = (i: number): Op[] => [count(n * 20 + i), { k: 'reg', name: 'r', v: 'x'.repeat(300) }]
    return Array.from({ length: 20 }, (_, i) => write(held, writer, ops(i)))
  }
  /** Three of four verifiers hold what `held` holds of the log. */
  const acked = (held: Ledger, verifiers: readonly Ledger[]) => {
    const heads = held.heads().filter(({ pub }) => pub === writer.publicKey)
    const op: Op = { k: 'ack', heads: heads.map(({ seq, hash }) => [log(held)?.id as string, seq, hash]) }
    return verifiers.map((verifier, n) => write(verifier, identity(n), [op]))
  }
  const bench = () => [0, 1, 2].map(n => ledger(small, identity(n)))

  it('gives back the quota of what it lets go, once a quorum stands behind it', () => {
    const [held, verifiers] = [ledger(small, writer), bench()]
    for (let n = 0; n < 40; n++) {
      chapter(held, n)
      write(held, writer, [checkpointOp(log(held) as never)])
      for (const ack of acked(held, verifiers)) held.ingest(ack)
    }
    expect(log(held)?.length).toBe(840)
    expect(() => {
      for (let i = 0; i < 100; i++) write(held, writer, [brick(i)])
    }).toThrow('full')
  })

  it('gives nothing back before, nor to who lacks its acks; with them the log goes on there too', () => {
    const [held, verifiers] = [ledger(small, writer), bench()]
    const segments = [...chapter(held), write(held, writer, [checkpointOp(log(held) as never)])]
    expect(() => {
      for (let i = 0; i < 100; i++) segments.push(write(held, writer, [brick(i)]))
    }).toThrow('full')
    const acks = acked(held, verifiers)
    for (const ack of acks) held.ingest(ack)
    const more = write(held, writer, [brick(0)])
    const other = ledger(small)
    for (const segment of segments) expect(other.ingest(segment).outcome).toBe('added')
    expect(other.ingest(more).outcome).toBe('quota')
    for (const ack of acks) other.ingest(ack)
    expect(other.ingest(more).outcome).toBe('added')
  })

  it('behind an erasure is checked like any other', () => {
    for (const lie of [0, 1]) {
      const held = ledger(small, writer)
      write(held, writer, [fact('secret')])
      write(held, writer, [{ k: 'retract', of: [...held.records()][0]?.id as string, erase: true }])
      chapter(held)
      const op = checkpointOp(log(held) as never)
      write(held, writer, [{ ...op, size: op.size - lie }])
      expect([log(held)?.checkpoint?.seq, log(held)?.stated.liedAt]).toEqual(lie ? [undefined, 22] : [22, undefined])
    }
  })

  it('waits to be checked where bytes are missing', () => {
    for (const lie of [0, 1]) {
      const held = ledger(small, writer)
      const said = chapter(held)
      const op = checkpointOp(log(held) as never)
      const stated = write(held, writer, [{ ...op, n: op.n + lie }])
      const other = ledger(small)
      const robbed = decodeSegment(said[19] as Uint8Array)
      const [entry] = robbed.entries
      const ops = (entry?.ops ?? []).map(each => ({ length: each.length, leaf: sha256(each as Uint8Array) }))
      for (const segment of said.slice(0, 19)) other.ingest(segment)
      other.ingest(encodeSegment({ ...robbed, entries: [{ time: entry?.time ?? 0, ops }] }))
      other.ingest(stated)
      expect([log(other)?.checkpoint, log(other)?.stated.liedAt, log(other)?.stated.uncheckedAt]).toEqual([
        undefined,
        undefined,
        20,
      ])
      other.ingest(said[19] as Uint8Array)
      expect([log(other)?.stated.liedAt, log(other)?.stated.uncheckedAt]).toEqual([lie ? 20 : undefined, undefined])
    }
  })

  it('is not handed on once something before it was erased: others could not see that it is true', () => {
    const held = ledger(small, writer)
    const said = chapter(held)
    const stated = write(held, writer, [checkpointOp(log(held) as never)])
    const erased = write(held, writer, [{ k: 'retract', of: [...held.records()].at(-2)?.id as string, erase: true }])
    expect(log(held)?.checkpoint).toBe(undefined)
    const other = ledger(small)
    for (const segment of [...said, stated]) other.ingest(segment)
    expect(log(other)?.checkpoint?.seq).toBe(20)
    other.ingest(erased)
    expect(log(other)?.checkpoint).toBe(undefined)
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
    return auditStored(replica.id, kept, { self, verify: verifyOnce }).findings
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

  it('[G3.checkpoint] take a log up anew where all others let go of the entries that they lack', async () => {
    const net = new ReplicaNetwork(bytes)
    const members = await Promise.all([0, 1, 2, 3, WRITER].map(n => net.join(identity(n))))
    const [away, author] = [members[3], members.at(-1)] as [Member, Member]
    net.partition(members)
    await net.clock.advance(100)
    await net.say(author, fact('before'))
    await net.clock.advance(1_000)
    net.partition(
      members.filter(member => member !== away),
      [away],
    )
    for (let i = 0; i < 17; i++) await net.say(author, ...many(i * 1_000))
    await net.clock.advance(20_000)
    expect(facts(away)).toBe(1)
    net.partition(members)
    await net.clock.advance(20_000)
    expect(recordIds(away)).toEqual(recordIds(author))
    for (const member of members) expect(member.strikes).toEqual([])
    net.drop(away)
    expect(recordIds(await net.join(identity(3), away.storage))).toEqual(recordIds(author))
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
