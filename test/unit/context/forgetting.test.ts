/** Forgetting, rule R11: what its author wants forgotten goes everywhere; what a relay keeps back is asked for. */

import { chainOf, decodeSegment, encodeSegment, type Ledger, type Segment } from '@amp-mesh/context'
import { canonicalBytes, fromBase64url, fromUtf8, type Op, type RecordId, sha256, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Member, ReplicaNetwork, recordIds } from '../../simulation/replica-network.ts'
import { EPOCH_MS, genesisBytes, identity, ledger, segmentsOf, write } from '../../simulation/space.ts'

const bytes = genesisBytes()
const author = identity(0)
const fact = (o: string): Op => ({ k: 'fact', s: 's', p: 'p', o })
const objects = (held: Ledger) => [...held.records()].flatMap(({ op }) => (op?.k === 'fact' ? [op.o] : [])).sort()
const shown = (member: Member) =>
  member.replica.records
    .of('fact')
    .map(({ op }) => op.o)
    .sort()
const idOf = (held: Ledger, object: string) =>
  [...held.records()].find(({ op }) => op?.k === 'fact' && op.o === object)?.id as RecordId

/** The segment as a relay may pass it on: without the bytes of the ops that `keep` does not want. */
function without(segment: Uint8Array, keep: (text: string) => boolean): Uint8Array {
  const decoded: Segment = decodeSegment(segment)
  const entries = decoded.entries.map(({ time, ops }) => ({
    time,
    ops: ops.map(op =>
      op instanceof Uint8Array && !keep(fromUtf8(op)) ? { length: op.length, leaf: sha256(op) } : op,
    ),
  }))
  return encodeSegment({ ...decoded, entries })
}

describe('a ledger', () => {
  it('keeps chain, signature and other ids when an op is forgotten', () => {
    const writer = ledger(bytes, author)
    const said = write(writer, author, [fact('public'), fact('TOP-SECRET'), fact('public 2')])
    const forgotten = without(said, text => !text.includes('SECRET'))
    expect(fromUtf8(forgotten.map(byte => byte & 127))).not.toContain('SECRET')
    const held = ledger(bytes)
    expect(held.ingest(forgotten).outcome).toBe('added')
    expect(held.heads()).toEqual(writer.heads())
    expect(objects(held)).toEqual(['public', 'public 2'])
    expect([...held.forgetting.holes()].map(({ id }) => id)).toEqual([idOf(writer, 'TOP-SECRET')])
  })

  it('has no hole where the author erased, in whatever order that comes', () => {
    const writer = ledger(bytes, author)
    const said = write(writer, author, [fact('a'), fact('SECRET')])
    const secret = idOf(writer, 'SECRET')
    const erased = write(writer, author, [{ k: 'retract', of: secret, erase: true }])
    expect(objects(writer)).toEqual(['a'])
    expect(writer.takeChanges().ops).toMatchObject([{ seq: 0, k: 1 }])
    const late = ledger(bytes)
    for (const segment of [without(said, text => !text.includes('SECRET')), erased]) late.ingest(segment)
    expect([...late.forgetting.holes()]).toEqual([])
    // another epoch's word may come first
    const other = ledger(bytes, author)
    other.ingest(said)
    const first = write(other, author, [{ k: 'retract', of: secret, erase: true }], 1)
    const held = ledger(bytes)
    for (const segment of [first, said]) held.ingest(segment)
    expect(objects(held)).toEqual(['a'])
    expect(held.takeChanges().ops).toMatchObject([{ seq: 0, k: 1 }])
  })

  it('forgets nothing on the word of others', () => {
    const writer = ledger(bytes, author)
    const said = write(writer, author, [fact('mine')])
    const held = ledger(bytes, identity(1))
    held.ingest(said)
    write(held, identity(1), [{ k: 'retract', of: idOf(held, 'mine'), erase: true }])
    expect(objects(held)).toEqual(['mine'])
    const robbed = ledger(bytes, identity(1))
    robbed.ingest(without(said, () => false))
    write(robbed, identity(1), [{ k: 'retract', of: idOf(held, 'mine'), erase: true }])
    expect([...robbed.forgetting.holes()]).toHaveLength(1)
  })

  it('fills a hole with the bytes of its hash only, from anybody, or from the whole segment', () => {
    const writer = ledger(bytes, author)
    const said = write(writer, author, [fact('a'), fact('b')])
    const later = write(writer, author, [fact('c')])
    const [log] = [...writer.logs()]
    if (log === undefined) throw new Error('a log')
    const held = ledger(bytes)
    held.ingest(without(said, text => !text.includes('"b"')))
    held.ingest(later)
    const [hole] = [...held.forgetting.holes()]
    expect(held.fill(log.id, hole?.n as number, utf8('{"k":"fact","o":"B","p":"p","s":"s"}'))).toBe(false)
    expect(held.fill(log.id, 0, utf8('{}'))).toBe(false)
    held.takeChanges()
    expect(held.fill(log.id, 1, utf8('{"k":"fact","o":"b","p":"p","s":"s"}'))).toBe(true)
    expect(held.takeChanges()).toMatchObject({ records: [{ n: 1, seq: 0 }], ops: [{ seq: 0, k: 1 }] })
    expect([...held.records()].map(({ id, n }) => [id, n])).toEqual([...writer.records()].map(({ id, n }) => [id, n]))
    const other = ledger(bytes)
    other.ingest(without(said, () => false))
    expect([...other.forgetting.holes()]).toHaveLength(2)
    const [whole] = segmentsOf(writer, log, 0, 0)
    expect(other.ingest(whole?.bytes as Uint8Array).outcome).toBe('duplicate')
    expect(objects(other)).toEqual(['a', 'b'])
    expect([...other.forgetting.holes()]).toEqual([])
  })
})

describe('the chain', () => {
  const small = genesisBytes({ limits: { quota: 1_000, op: 200, entry: 300 } })
  /** An entry of these ops, signed, whatever they are. */
  const signed = (ops: Segment['entries'][number]['ops']) => {
    const held = ledger(small, author)
    const pub = fromBase64url(author.publicKey)
    const unsigned = { pub, epoch: 0, from: 0, prev: new Uint8Array(32), entries: [{ time: EPOCH_MS, ops }] }
    const hash = chainOf(fromBase64url(held.id), unsigned)[0] as Uint8Array
    return encodeSegment({ ...unsigned, signature: author.sign(hash) as Uint8Array })
  }
  const gone = (length: number, op = utf8('x')) => ({ length, leaf: sha256(op) })

  it('leaves nobody out who has holes, however many somebody else has', () => {
    const held = ledger(bytes)
    const none = Array.from({ length: 100 }, (_, i) => fact(`${i}`))
    held.ingest(without(write(ledger(bytes, author), author, none), () => false))
    const other = write(ledger(bytes, identity(1)), identity(1), [fact('one of another')])
    held.ingest(without(other, () => false))
    const asked = [0, 1, 2, 3, 4, 5].map(turn => held.forgetting.someHoles(40, turn))
    for (const some of asked) {
      expect(some.length).toBeLessThanOrEqual(40)
      expect(some.filter(({ by }) => by === identity(1).publicKey)).toHaveLength(1)
    }
    expect(new Set(asked.flat().map(({ id }) => id)).size).toBe(101)
    expect(ledger(bytes).forgetting.someHoles(40, 7)).toEqual([])
  })

  it('says how long forgotten ops are: a log ends at the same entry, whoever lacks what', () => {
    const writer = ledger(small, author)
    const segments: Uint8Array[] = []
    expect(() => {
      for (;;) segments.push(write(writer, author, [fact('x'.repeat(100))]))
    }).toThrow('full')
    for (const keep of [true, false]) {
      const held = ledger(small)
      const outcomes = segments.map(segment => held.ingest(without(segment, () => keep)).outcome)
      expect(outcomes).toEqual(segments.map(() => 'added'))
      const log = held.log(writer.idOf(author.publicKey, 0))
      expect(log?.trunk.spentAt(log.trunk.end)).toBe(
        segments.length * (12 + canonicalBytes(fact('x'.repeat(100))).length),
      )
    }
  })

  it('bounds ops and entries by lengths, however long they claim to be', () => {
    const outcome = (...ops: Segment['entries'][number]['ops']) => ledger(small).ingest(signed(ops)).outcome
    expect(outcome(gone(200))).toBe('added')
    expect(outcome(gone(0))).toBe('added')
    expect(outcome(gone(201))).toBe('bad-segment')
    expect(outcome(gone(146), gone(146))).toBe('added')
    expect(outcome(gone(146), gone(147))).toBe('bad-segment')
    const many = Array.from({ length: 70 }, () => gone(0))
    expect(outcome(...many)).toBe('added')
    expect(outcome(...many, ...many)).toBe('bad-segment')
    expect(() => signed([gone(2 ** 31)])).toThrow('1 MiB')
  })

  it('takes no bytes of another length, though their hash is right', () => {
    const op = utf8('{"k":"fact","o":1,"p":"p","s":"s"}')
    for (const length of [0, op.length - 1, op.length, op.length + 1]) {
      const held = ledger(small)
      held.ingest(signed([gone(length, op)]))
      expect(held.fill(held.idOf(author.publicKey, 0), 0, op)).toBe(length === op.length)
      expect([...held.records()]).toHaveLength(length === op.length ? 1 : 0)
    }
  })

  it('has no place for the hash of what others count on, and nothing makes that go', () => {
    const ops: Op[] = [
      { k: 'ack', heads: [] },
      { k: 'admit', pub: identity(7).publicKey },
      { k: 'cert', of: 'x'.repeat(32), slot: 's', ver: 0, e: 0, sigs: [] },
      { k: 'ckpt', upto: 0, ops: 0, n: 0, size: 0, root: 'A'.repeat(43) },
      { k: 'retract', of: 'x'.repeat(32), erase: true },
    ]
    for (const op of ops) {
      const writer = ledger(bytes, author)
      const said = write(writer, author, [op, fact('other')])
      const [kept, other] = [...writer.records()]
      const held = ledger(bytes)
      expect(held.ingest(without(said, text => text.includes('fact'))).outcome).toBe('bad-signature')
      write(
        writer,
        author,
        [kept, other].map(record => ({ k: 'retract', of: record?.id ?? '', erase: true })),
      )
      const left = [...writer.records()].map(({ id }) => id)
      expect([left.includes(kept?.id ?? ''), left.includes(other?.id ?? '')], op.k).toEqual([true, false])
    }
  })

  it('knows what others count on by its bytes: written otherwise nobody reads it as that', () => {
    const read = (text: string) => {
      const held = ledger(bytes, author)
      write(held, author, [utf8(text)])
      return [...held.records()].map(({ op }) => op?.k)
    }
    const key = identity(7).publicKey
    expect(read('{"heads":[],"k":"ack"}')).toEqual(['ack'])
    expect(read('{"heads":[],"k":"ack","later":1}')).toEqual([undefined])
    expect(read('{"heads":[],"k":"settle"}')).toEqual(['settle'])
    expect(read(`{"k":"admit","pub":"${key}"}`)).toEqual(['admit'])
    expect(read(`{"agent":"a","k":"admit","pub":"${key}"}`)).toEqual([undefined])
    expect(read('{"k":"admit","pub":"no key"}')).toEqual([])
    expect(read('{"k":"retract","of":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}')).toEqual(['retract'])
  })
})

describe('a forked log', () => {
  /** Who goes on after these segments in another way. */
  const twin = (segments: readonly Uint8Array[]) => {
    const other = ledger(bytes, author)
    for (const segment of segments) other.ingest(segment)
    return other
  }
  const acked = (held: Ledger, epoch = 0) => {
    const heads = held
      .heads()
      .map(({ seq, hash }): [string, number, string] => [held.idOf(author.publicKey, 0), seq, hash])
    const op: Op = { k: 'ack', heads }
    return [1, 2, 3].map(n => write(ledger(bytes, identity(n)), identity(n), [op], epoch))
  }

  it('erases by what counts of it: a word that is cut asks for the bytes again', () => {
    const writer = ledger(bytes, author)
    const said = write(writer, author, [fact('a'), fact('SECRET')])
    const erased = write(writer, author, [{ k: 'retract', of: idOf(writer, 'SECRET'), erase: true }])
    const instead = write(twin([said]), author, [fact('instead')])
    const held = ledger(bytes)
    for (const segment of [said, erased]) held.ingest(segment)
    expect([objects(held), [...held.forgetting.holes()]]).toEqual([['a'], []])
    expect(held.ingest(instead).outcome).toBe('fork')
    const holes = [...held.forgetting.holes()]
    expect(holes).toMatchObject([{ seq: 0, n: 1 }])
    expect(held.fill(holes[0]?.log as string, 1, canonicalBytes(fact('SECRET')))).toBe(true)
    expect(objects(held)).toEqual(['SECRET', 'a'])
    // a quorum held the erasure: it counts again
    for (const ack of acked(writer)) held.ingest(ack)
    expect([objects(held), [...held.forgetting.holes()]]).toEqual([['a'], []])
  })

  it('is held with a history of which bytes are missing; once that counts they are asked for', () => {
    const writer = ledger(bytes, author)
    const said = [fact('a'), fact('b')].map(op => write(writer, author, [op, { k: 'reg', name: 'r', v: 1 }]))
    const instead = write(ledger(bytes, author), author, [fact('instead')])
    const held = ledger(bytes)
    held.ingest(instead)
    for (const segment of said) held.ingest(without(segment, text => !text.includes('fact')))
    expect([objects(held), [...held.forgetting.holes()]]).toEqual([[], []])
    for (const ack of acked(writer)) held.ingest(ack)
    expect([...held.records()].filter(({ op }) => op?.k === 'reg')).toHaveLength(2)
    expect([...held.forgetting.holes()].map(({ id }) => id)).toEqual([idOf(writer, 'a'), idOf(writer, 'b')])
    const log = held.idOf(author.publicKey, 0)
    expect(held.fill(log, 2, canonicalBytes(fact('a')))).toBe(false)
    expect(held.fill(log, 0, canonicalBytes(fact('a')))).toBe(true)
    expect(objects(held)).toEqual(['a'])
    expect(held.takeChanges().forks).toContain(log)
    // another epoch's word erases it; more acks decide nothing else, and don't bring it back
    held.ingest(write(twin([]), author, [{ k: 'retract', of: idOf(writer, 'a'), erase: true }], 1))
    const [again] = acked(writer, 1)
    held.ingest(again as Uint8Array)
    expect(objects(held)).toEqual([])
    // or the segment itself comes once more
    expect(held.ingest(said[1] as Uint8Array).outcome).toBe('duplicate')
    expect([objects(held), [...held.forgetting.holes()]]).toEqual([['b'], []])
  })
})

describe('replicas', () => {
  async function pair() {
    const net = new ReplicaNetwork(bytes)
    const [a, b] = [await net.join(author), await net.join(identity(1))]
    net.link(a, b)
    await net.clock.advance(100)
    return { net, a, b }
  }
  const stored = async (member: Member) => {
    const texts: string[] = []
    for await (const [, value] of member.storage.range('', '\uffff')) texts.push(Buffer.from(value).toString('latin1'))
    return texts.join()
  }

  it('[G1.erase] forget what its author erased, in the index, on disk and in what they pass on', async () => {
    const { net, a, b } = await pair()
    await net.say(a, fact('public'))
    const [secret] = await net.say(a, fact('TOP-SECRET'))
    await net.clock.advance(1_000)
    expect(shown(b)).toEqual(['TOP-SECRET', 'public'])
    expect(await stored(b)).toContain('TOP-SECRET')
    await net.say(a, { k: 'retract', of: secret?.id as RecordId, erase: true })
    await net.clock.advance(1_000)
    for (const member of [a, b]) {
      expect(shown(member)).toEqual(['public'])
      expect(await stored(member)).not.toContain('TOP-SECRET')
    }
    net.drop(a)
    const again = await net.join(author, a.storage)
    const late = await net.join(identity(2))
    net.partition([b, again, late])
    await net.clock.advance(5_000)
    expect(recordIds(late)).toEqual(recordIds(b))
    expect(recordIds(again)).toEqual(recordIds(b))
    expect(await stored(late)).not.toContain('TOP-SECRET')
    expect(net.sent.get('ops_want') ?? 0).toBe(0)
  })

  it('[G1.hole] ask for what a relay kept back, until somebody has it', async () => {
    const { net, a, b } = await pair()
    net.link(a, b, false)
    await net.say(a, fact('kept back'), fact('passed on'))
    const segments: Uint8Array[] = []
    for await (const [key, value] of a.storage.range('', '\uffff'))
      if (key.includes('/log/')) segments.push(value.subarray(16))
    const robbed = without(segments[0] as Uint8Array, text => !text.includes('kept'))
    expect(await b.replica.importSegment(robbed)).toBe('added')
    expect(shown(b)).toEqual(['passed on'])
    net.link(a, b)
    await net.clock.advance(3_000)
    expect(shown(b)).toEqual(['kept back', 'passed on'])
    expect(recordIds(b)).toEqual(recordIds(a))
    expect(b.strikes).toEqual([])
    net.drop(b)
    expect(shown(await net.join(identity(1), b.storage))).toEqual(['kept back', 'passed on'])
  })
})
