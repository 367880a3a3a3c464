/**
 * Attacks on the ledger: the rows of CONTEXT.md §16 that concern it, by number. A is honest, M malicious, both
 * verifiers.
 */
import {
  chainOf,
  decodeSegment,
  encodeSegment,
  Ledger,
  opinions,
  Records,
  type Segment,
  status,
} from '@amp-mesh/context'
import {
  canonicalBytes,
  fromBase64url,
  type Identity,
  type Op,
  type Rec,
  sha256,
  spaceIdOf,
  utf8,
  verifyPortable,
} from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import {
  EPOCH_MS,
  genesis,
  genesisBytes,
  identity,
  ledger,
  SeededRandom,
  verifyOnce,
  write,
} from '../../simulation/space.ts'
import { torsionVectors } from './torsion-vectors.ts'

const [A, M] = [identity(0), identity(3)]
const bytes = genesisBytes()
const fact = (o: string): Op<'fact'> => ({ k: 'fact', s: 'sky', p: 'colour', o })

/** A ledger with one fact of A's, and that fact. */
function setup() {
  const held = ledger(bytes, A)
  const segment = write(held, A, [fact('blue')])
  const [record] = [...held.records()] as Rec<'fact'>[]
  if (record === undefined) throw new Error('a fact')
  return { held, segment, record }
}

/** What M says, signed, from its first entry on. */
const byM = (...ops: (Op | Uint8Array)[]) => write(ledger(bytes, M), M, ops)

const indexOf = (held: Ledger) => {
  const records = new Records()
  records.reset(held.records())
  return records
}

const changed = (segment: Uint8Array, change: (segment: Segment) => Partial<Segment>) => {
  const read = decodeSegment(segment)
  return encodeSegment({ ...read, ...change(read) })
}

describe('[G1.attacks] attacks on the ledger', () => {
  it('1: a forged author', () => {
    const { held } = setup()
    const forged = changed(byM(fact('red')), () => ({ pub: fromBase64url(identity(1).publicKey) }))
    expect(held.ingest(forged).outcome).toBe('bad-signature')
  })

  it('2: a relay alters what it passes on', () => {
    const { segment } = setup()
    const at = Buffer.from(segment).indexOf('blue')
    const altered = segment.slice()
    altered.set(utf8('pink'), at)
    const other = ledger(bytes)
    expect(other.ingest(altered).outcome).toBe('bad-signature')
    expect([...other.records()]).toEqual([])
  })

  it('3: a replayed entry changes nothing', () => {
    const { held, segment } = setup()
    const before = held.heads()
    held.takeChanges()
    expect(held.ingest(segment).outcome).toBe('duplicate')
    expect(held.heads()).toEqual(before)
    expect(held.takeChanges()).toMatchObject({ records: [], segments: [], reset: false })
  })

  it('4: an entry of another space', () => {
    const elsewhere = genesisBytes({ domains: 2 })
    expect(ledger(bytes).ingest(write(ledger(elsewhere, A), A, [fact('blue')])).outcome).toBe('bad-signature')
  })

  it('5: an entry without the one before it is not kept', () => {
    const writer = ledger(bytes, M)
    write(writer, M, [fact('1')])
    const second = write(writer, M, [fact('2')])
    const held = ledger(bytes)
    expect(held.ingest(second).outcome).toBe('gap')
    expect(held.heads()).toEqual([])
  })

  it("8: retracting another's record", () => {
    const { held, record } = setup()
    expect(held.ingest(byM({ k: 'retract', of: record.id, erase: true })).outcome).toBe('added')
    expect(indexOf(held).isLive(record.id)).toBe(true)
  })

  it("11: taking another's record id", () => {
    const { held, record } = setup()
    held.ingest(byM(canonicalBytes({ ...fact('red'), id: record.id })))
    const records = indexOf(held)
    expect(records.get(record.id)?.op).toEqual(fact('blue'))
    expect(records.of('fact')).toHaveLength(2)
  })

  it('19: every prefix of a segment', () => {
    const { segment } = setup()
    for (let length = 0; length < segment.length; length++)
      expect(ledger(bytes).ingest(segment.subarray(0, length)).outcome).not.toBe('added')
  })

  it('20: trailing bytes', () => {
    const { segment } = setup()
    expect(ledger(bytes).ingest(Uint8Array.of(...segment, 0)).outcome).toBe('bad-segment')
  })

  it.each([9, 7_000])('23: %i levels of nesting', depth => {
    const held = ledger(bytes)
    const deep = utf8(`{"k":"x","o":${'['.repeat(depth)}${']'.repeat(depth)}}`)
    expect(held.ingest(byM(deep, fact('after'))).outcome).toBe('added')
    expect([...held.records()].map(record => record.n)).toEqual([1])
  })

  it('26: keys that reach a prototype', () => {
    const held = ledger(bytes)
    held.ingest(byM(...['__proto__', 'constructor', 'prototype'].map(key => utf8(`{"k":"x","o":{"${key}":{"a":1}}}`))))
    expect([...held.records()]).toEqual([])
  })

  it('31: an epoch used twice is a fork', () => {
    const held = ledger(bytes)
    held.ingest(byM(fact('yes')))
    expect(held.ingest(byM(fact('no'))).outcome).toBe('fork')
    expect([...held.records()]).toEqual([])
  })

  it('32: more than 16 epochs', () => {
    const writer = ledger(bytes, M)
    const held = ledger(bytes)
    for (let epoch = 0; epoch < 16; epoch++)
      expect(held.ingest(write(writer, M, [fact(`${epoch}`)], epoch)).outcome).toBe('added')
    expect(held.ingest(signed(M, { epoch: 16, entries: [{ time: EPOCH_MS, ops: [utf8('{}')] }] })).outcome).toBe(
      'too-many-epochs',
    )
  })

  it('33: an entry from the future waits for its time', () => {
    let now = EPOCH_MS
    const held = ledger(bytes, undefined, () => now)
    expect(
      held.ingest(
        write(
          ledger(bytes, M, () => EPOCH_MS + 600_000),
          M,
          [fact('soon')],
        ),
      ).outcome,
    ).toBe('deferred')
    expect([...held.records()]).toEqual([])
    now += 300_000
    held.retryDeferred()
    expect([...held.records()]).toHaveLength(1)
  })

  it('34: time that runs backwards', () => {
    const entries = [EPOCH_MS, EPOCH_MS - 1].map(time => ({ time, ops: [utf8('{}')] }))
    expect(ledger(bytes).ingest(signed(M, { entries })).outcome).toBe('time-backwards')
  })

  it('35: fifty Sybils attest', () => {
    const { held, record } = setup()
    for (let n = 100; n < 150; n++) {
      const sybil = ledger(bytes, identity(n))
      const outcome = held.ingest(write(sybil, identity(n), [{ k: 'verify', of: record.id, v: 1 }])).outcome
      expect(outcome).toBe('not-a-writer')
    }
    expect(status(indexOf(held), genesis(), record.id)).toBe('proposed')
    const admitted = write(held, A, [{ k: 'admit', pub: identity(100).publicKey }])
    expect(admitted.length).toBeGreaterThan(0)
    expect(opinions(indexOf(held), genesis(), record.id).shown).toHaveLength(1)
    expect(status(indexOf(held), genesis(), record.id)).toBe('proposed')
  })

  it('36: one verifier attests in three epochs', () => {
    const { held, record } = setup()
    const writer = ledger(bytes, M)
    for (const epoch of [0, 1, 2])
      held.ingest(
        write(
          writer,
          M,
          [1, 2].map(() => ({ k: 'verify', of: record.id, v: 1 }) satisfies Op),
          epoch,
        ),
      )
    expect(opinions(indexOf(held), genesis(), record.id).supports).toHaveLength(1)
    expect(status(indexOf(held), genesis(), record.id)).toBe('contested')
  })

  it('37: attesting an own record', () => {
    const { held, record } = setup()
    write(held, A, [{ k: 'verify', of: record.id, v: 1 }])
    expect(status(indexOf(held), genesis(), record.id)).toBe('proposed')
  })

  it("38: superseding another's record", () => {
    const { held, record } = setup()
    held.ingest(byM({ ...fact('red'), sup: record.id }))
    expect(indexOf(held).standing(record.id)).toBe('live')
  })

  it('43: an op above its bound', () => {
    const op = utf8(`{"k":"x","o":"${'a'.repeat(20_000)}"}`)
    expect(ledger(bytes).ingest(signed(M, { entries: [{ time: EPOCH_MS, ops: [op] }] })).outcome).toBe('bad-segment')
    expect(() => ledger(bytes, M).prepare(0, [op])).toThrow('above the limits')
  })

  it('44: flooding stops at the quota, at the same entry on every replica', () => {
    const small = genesisBytes({ limits: { quota: 1_000 } })
    const writer = ledger(small, M)
    const segments: Uint8Array[] = []
    expect(() => {
      for (;;) segments.push(write(writer, M, [fact('x'.repeat(100))]))
    }).toThrow('full')
    expect(segments.length).toBe(Math.floor(1_000 / (canonicalBytes(fact('x'.repeat(100))).length + 12)))
    const after = [...writer.logs()].map(log => ({
      from: log.length,
      prev: log.hashAt(log.length - 1) as Uint8Array,
    }))[0]
    const more = signed(
      M,
      { ...after, entries: [{ time: EPOCH_MS * 1.001, ops: [canonicalBytes(fact('x'.repeat(100)))] }] },
      small,
    )
    expect(writer.ingest(more).outcome).toBe('quota')
  })

  it('47: a false proof of a fork', () => {
    const { held, segment } = setup()
    const pink = segment.slice()
    pink.set(utf8('pink'), Buffer.from(segment).indexOf('blue'))
    expect(held.ingest(pink).outcome).toBe('bad-signature')
    expect(held.heads()[0]).not.toHaveProperty('fork')
  })

  it('50: confused types, broken UTF-8, infinities, paths as ids', () => {
    const ops = [
      utf8('{"k":"constructor","s":"a"}'),
      utf8('{"k":"hasOwnProperty"}'),
      Uint8Array.of(0x7b, 0xff, 0x7d),
      utf8('{"k":"fact","o":1e999,"p":"b","s":"a"}'),
      utf8('[]'),
      utf8('null'),
      utf8('{"k":"verify","of":"../../x","v":1}'),
    ]
    const held = ledger(bytes)
    held.ingest(byM(...ops))
    const records = indexOf(held)
    expect([records.size, records.opaque]).toEqual([0, 3])
  })

  it('51: a relay passes records on as forgotten', () => {
    const forgotten = changed(byM(fact('vote')), ({ entries }) => ({
      entries: entries.map(entry => ({
        ...entry,
        ops: entry.ops.map(({ length }) => ({ length, leaf: new Uint8Array(32) })),
      })),
    }))
    // a leaf that is not the op's breaks the chain; the op's own leaves a hole, which is asked for
    expect(ledger(bytes).ingest(forgotten).outcome).toBe('bad-signature')
    const robbed = changed(byM(fact('vote')), ({ entries }) => ({
      entries: entries.map(entry => ({
        ...entry,
        ops: entry.ops.map(op => ({ length: op.length, leaf: sha256(op as Uint8Array) })),
      })),
    }))
    const held = ledger(bytes)
    expect(held.ingest(robbed).outcome).toBe('added')
    expect([...held.records()]).toEqual([])
    expect([...held.forgetting.holes()]).toHaveLength(1)
  })

  it('52: signatures on which libraries disagree split no replicas', () => {
    for (const { name, signature, publicKey, message, sound } of torsionVectors()) {
      expect(verifyPortable(signature, message, publicKey), name).toBe(sound)
      expect(verifyOnce(signature, message, publicKey), name).toBe(sound)
    }
    for (const verify of [verifyPortable, verifyOnce]) {
      const held = new Ledger({ genesis: bytes, verify, now: () => EPOCH_MS * 2 })
      expect(held.ingest(byM(fact('sound'))).outcome).toBe('added')
    }
  })

  it('53: bit-flipped segments', () => {
    const random = new SeededRandom(53)
    const writer = ledger(bytes, M)
    const segments = [[fact('1'), { k: 'gap', q: 'a', text: 'b' } satisfies Op], [fact('2')]].map(ops =>
      write(writer, M, ops),
    )
    let added = 0
    for (let i = 0; i < 1_200; i++) {
      const flipped = random.pick(segments).slice()
      for (let k = 0; k <= random.below(4); k++) flipped[random.below(flipped.length)] = random.below(256)
      const { outcome } = ledger(bytes).ingest(flipped)
      if (outcome === 'added') {
        added++
        expect(Buffer.from(flipped).equals(segments[0] as Uint8Array)).toBe(true)
      }
    }
    expect(added).toBeLessThan(100)
  })
})

/** A segment with a sound signature over whatever it says. */
function signed(writer: Identity, parts: Partial<Segment> & Pick<Segment, 'entries'>, space = bytes): Uint8Array {
  const none = new Uint8Array(32)
  const segment = { pub: fromBase64url(writer.publicKey), epoch: 0, from: 0, prev: none, ...parts }
  const hash = chainOf(fromBase64url(spaceIdOf(space)), segment).at(-1) as Uint8Array
  return encodeSegment({ ...segment, signature: writer.sign(hash) as Uint8Array })
}
