/** The ledger's rules where attacks.test.ts does not go: admission, waiting, forks, merging, opaque records. */

import { decodeSegment, encodeSegment, type Ledger } from '@amp-mesh/context'
import { LEDGER_LIMITS, type Op, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { genesisBytes, identity, ledger, segmentsOf, write } from '../../simulation/space.ts'

const bytes = genesisBytes()
const [verifier, guest] = [identity(0), identity(20)]
const fact = (o: number): Op => ({ k: 'fact', s: 's', p: 'p', o })
const admit = (n: number): Op => ({ k: 'admit', pub: identity(n).publicKey })
const objects = (held: Ledger) => [...held.records()].flatMap(({ op }) => (op?.k === 'fact' ? [op.o] : [])).sort()

describe('admission', () => {
  it('lets waiting segments in, in any order of arrival', () => {
    const admission = write(ledger(bytes, verifier), verifier, [admit(20)])
    const writer = ledger(bytes, guest)
    const said = [fact(1), fact(2), fact(3)].map(op => write(writer, guest, [op]))
    for (const order of [
      [admission, ...said],
      [...said, admission],
      [said[0], admission, said[1], said[2]],
    ]) {
      const held = ledger(bytes)
      for (const segment of order) held.ingest(segment as Uint8Array)
      expect(objects(held)).toEqual([1, 2, 3])
      expect(held.waitingKeys().size).toBe(0)
    }
  })

  it('counts each verifier’s first 64 in order of epoch, whichever came first', () => {
    const late = ledger(bytes, verifier)
    const earlyLog = Array.from({ length: LEDGER_LIMITS.admitsPerVerifier }, (_, n) => admit(1_000 + n))
    const early = write(late, verifier, earlyLog, 0)
    const inLaterEpoch = write(late, verifier, [admit(20)], 1)
    const word = write(ledger(bytes, guest), guest, [fact(1)])
    const held = ledger(bytes)
    for (const segment of [inLaterEpoch, word]) held.ingest(segment)
    expect(objects(held)).toEqual([1])
    held.takeChanges()
    held.ingest(early)
    expect(held.takeChanges().reset).toBe(true)
    expect(objects(held)).toEqual([])
    expect(held.isAdmitted(guest.publicKey)).toBe(false)
    const other = ledger(bytes)
    for (const segment of [early, inLaterEpoch, word]) other.ingest(segment)
    expect(new Set(other.heads().map(head => head.epoch))).toEqual(new Set([0, 1]))
    expect([...other.records()].map(({ id }) => id).sort()).toEqual([...held.records()].map(({ id }) => id).sort())
  })

  it('is not given by those who are no verifiers, and not in closed spaces', () => {
    const held = ledger(bytes, verifier)
    write(held, verifier, [admit(20)])
    held.ingest(write(ledger(bytes, guest), guest, [admit(21)]))
    expect(held.isAdmitted(identity(21).publicKey)).toBe(false)
    const closed = genesisBytes({ open: false, writers: [identity(22)] })
    const inside = ledger(closed, verifier)
    write(inside, verifier, [admit(20)])
    expect([20, 22].map(n => inside.isAdmitted(identity(n).publicKey))).toEqual([false, true])
    expect(inside.ingest(write(ledger(closed, guest), guest, [fact(1)])).outcome).toBe('not-a-writer')
    expect(inside.waitingKeys().size).toBe(0)
  })

  it('is taken back when a fork cuts it away', () => {
    const [a, b] = [ledger(bytes, verifier), ledger(bytes, verifier)]
    const first = write(a, verifier, [admit(20)])
    const held = ledger(bytes)
    held.ingest(first)
    held.ingest(write(ledger(bytes, guest), guest, [fact(1)]))
    expect(objects(held)).toEqual([1])
    expect(held.ingest(write(b, verifier, [fact(2)])).outcome).toBe('fork')
    expect([...held.records()]).toEqual([])
  })

  it('lets nobody fill the waiting room', () => {
    const held = ledger(bytes)
    const strangers = Array.from({ length: 50 }, (_, n) => identity(100 + n))
    for (const stranger of strangers) {
      const own = ledger(bytes, stranger)
      for (let n = 0; n < 6; n++) held.ingest(write(own, stranger, [fact(n)]))
    }
    expect(50 * 6).toBeGreaterThan(LEDGER_LIMITS.waitingSegments)
    // the oldest went: the first strangers' words, all six of them
    expect(held.waitingKeys().size).toBe(Math.ceil(LEDGER_LIMITS.waitingSegments / 6))
    const forged = write(ledger(bytes, guest), guest, [fact(1)])
    forged.set([1], forged.length - 1)
    expect(held.ingest(forged).outcome).toBe('bad-signature')
    expect(held.waitingKeys().has(guest.publicKey)).toBe(false)
  })

  it('is not needed to see one’s own words', () => {
    const held = ledger(bytes, guest)
    write(held, guest, [fact(1)])
    expect(objects(held)).toEqual([1])
    expect(held.isAdmitted(guest.publicKey)).toBe(false)
  })
})

describe('forks', () => {
  it('keep what both histories share, wherever the cut falls in a merged segment', () => {
    const [a, b] = [ledger(bytes, verifier), ledger(bytes, verifier)]
    const shared = [1, 2, 3].map(n => write(a, verifier, [fact(n)]))
    for (const segment of shared) b.ingest(segment)
    for (const n of [4, 5]) write(a, verifier, [fact(n)])
    const [merged] = [...a.logs()].flatMap(log => segmentsOf(a, log, 0, 4))
    const held = ledger(bytes)
    held.ingest(merged?.bytes as Uint8Array)
    expect(held.ingest(write(b, verifier, [fact(6)])).outcome).toBe('fork')
    expect(objects(held)).toEqual([1, 2, 3])
    const [log] = [...held.logs()]
    expect(log?.fork?.at).toBe(3)
    const stranger = ledger(bytes)
    if (log?.fork === undefined) throw new Error('a fork')
    for (const half of [merged?.bytes, encodeSegment(log.fork.proof.segment)]) stranger.ingest(half as Uint8Array)
    expect(stranger.heads()).toEqual(held.heads())
  })

  it('of two epochs end all later ones', () => {
    const held = ledger(bytes)
    const later = write(ledger(bytes, verifier), verifier, [fact(9)], 5)
    held.ingest(later)
    for (const epoch of [0, 2])
      for (const n of [1, 2]) held.ingest(write(ledger(bytes, verifier), verifier, [fact(n)], epoch))
    expect(objects(held)).toEqual([])
    expect(held.ingest(later).outcome).toBe('frozen')
    expect(held.ingest(write(ledger(bytes, verifier), verifier, [fact(7)], 1)).outcome).toBe('added')
    expect(objects(held)).toEqual([7])
  })
})

describe('logs', () => {
  it('are served in as few segments as signatures and bounds allow', () => {
    const held = ledger(bytes, verifier)
    for (let n = 0; n < 600; n++) write(held, verifier, [fact(n)])
    const [log] = [...held.logs()]
    const served = segmentsOf(held, log, 10, 599)
    expect(served.map(segment => segment.to)).toEqual([265, 521, 599])
    const copy = ledger(bytes)
    for (const { bytes: segment } of segmentsOf(held, log, 0, 599)) expect(copy.ingest(segment).outcome).toBe('added')
    expect(copy.heads()).toEqual(held.heads())
  })

  it('never make a segment above 1 MiB', () => {
    const held = ledger(bytes, verifier)
    const large: Op = { k: 'msg', in: 'x'.repeat(32), text: 'a'.repeat(8_000) }
    for (let n = 0; n < 6; n++)
      write(
        held,
        verifier,
        Array.from({ length: 30 }, () => large),
      )
    const [log] = [...held.logs()]
    const served = segmentsOf(held, log, 0, 5)
    expect(served.map(segment => decodeSegment(segment.bytes).entries.length)).toEqual([4, 2])
  })

  it('take the new part of a segment that overlaps', () => {
    const writer = ledger(bytes, verifier)
    const said = [1, 2, 3].map(n => write(writer, verifier, [fact(n)]))
    const [merged] = [...writer.logs()].flatMap(log => segmentsOf(writer, log, 0, 2))
    const held = ledger(bytes)
    held.ingest(said[0] as Uint8Array)
    held.takeChanges()
    expect(held.ingest(merged?.bytes as Uint8Array).outcome).toBe('added')
    expect(held.takeChanges().segments).toMatchObject([{ from: 1 }])
    expect(objects(held)).toEqual([1, 2, 3])
  })

  it('keep records of later versions, and number what is no record', () => {
    const held = ledger(bytes, verifier)
    write(
      held,
      verifier,
      [utf8('{"k":"of a later version"}'), utf8('{"k":"fact"}'), utf8('{ }'), fact(1)].map(op => op),
    )
    expect([...held.records()].map(({ n, op }) => [n, op?.k])).toEqual([
      [0, undefined],
      [1, undefined],
      [3, 'fact'],
    ])
  })
})
