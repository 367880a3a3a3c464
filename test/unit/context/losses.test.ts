/** What a store lost while its peer runs: noticed when it is to be handed on, asked of others, and stored again. */
import { SpaceStore } from '@amp-mesh/context'
import type { Op, Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { decodeSegment, encodeSegment } from '../../../packages/context/src/ledger/segment.ts'
import { type Member, ReplicaNetwork, recordIds } from '../../simulation/replica-network.ts'
import { genesisBytes, identity, ledger, write } from '../../simulation/space.ts'

const [writer, late] = [identity(9), identity(10)]
const bytes = genesisBytes({ open: false, writers: [writer, late] })
const hyp = (text: string): Op => ({ k: 'hyp', text })

/** A writer and two verifiers that hold what it said, in one stored segment each word. */
async function spoken() {
  const net = new ReplicaNetwork(bytes)
  const [author, holder, other] = (await Promise.all([writer, identity(0), identity(1)].map(who => net.join(who)))) as [
    Member,
    Member,
    Member,
  ]
  net.partition([author, holder, other])
  await net.clock.advance(100)
  const said: Rec[] = []
  for (let i = 0; i < 8; i++) said.push(...(await net.say(author, hyp(`word ${i}`))))
  await net.clock.advance(5_000)
  const log = said[0]?.log as string
  return { net, author, holder, other, log, said }
}

/** Changes one byte of the stored segments that begin with these entries. */
async function damage({ storage, replica }: Member, log: string, seqs: readonly number[]): Promise<void> {
  for (const seq of seqs) {
    const put = `space/${replica.id}/log/${log}/${String(seq).padStart(9, '0')}`
    const value = Uint8Array.from((await storage.get(put)) as Uint8Array)
    value[100] = (value[100] as number) ^ 1
    await storage.write([{ put, value }])
  }
}

/** Entries of a log that can be read from a member's disk. */
async function stored({ storage, replica }: Member, log: string): Promise<number[]> {
  const seqs: number[] = []
  for await (const { from, to } of new SpaceStore(storage, replica.id).segmentsOf(log))
    for (let seq = from; seq <= to; seq++) seqs.push(seq)
  return seqs
}

describe('entries that a store lost', () => {
  it('[G3.damage] are noticed when they are to be handed on, and come back from whoever holds them', async () => {
    const { net, author, holder, other, log } = await spoken()
    const whole = await stored(holder, log)
    await damage(holder, log, [2, 3, 6])
    expect(await stored(holder, log)).toEqual(whole.filter(seq => ![2, 3, 6].includes(seq)))
    net.partition([author, other])
    const newcomer = await net.join(late)
    net.partition([holder, newcomer])
    await net.clock.advance(5_000)
    expect(recordIds(newcomer).length).toBeLessThan(recordIds(author).length)
    net.partition([author, holder, other, newcomer])
    await net.clock.advance(10_000)
    expect([...new Set(await stored(holder, log))]).toEqual(whole)
    expect(recordIds(newcomer)).toEqual(recordIds(author))
    net.drop(holder)
    expect(recordIds(await net.join(holder.identity, holder.storage))).toEqual(recordIds(author))
    for (const { strikes } of [author, holder, other, newcomer]) expect(strikes).toEqual([])
  })

  it('are asked for no more once they are back', async () => {
    const { net, author, holder, log } = await spoken()
    await damage(holder, log, [2])
    const newcomer = await net.join(late)
    net.partition([holder, newcomer])
    await net.clock.advance(3_000)
    net.partition([author, holder, newcomer])
    await net.clock.advance(5_000)
    net.sent.clear()
    await net.clock.advance(5_000)
    expect(net.sent.get('want') ?? 0).toBe(0)
  })
})

describe('a ledger whose store lost entries', () => {
  function held(...texts: string[]) {
    const own = ledger(bytes, writer)
    const segments = texts.map(text => write(own, writer, [hyp(text)]))
    own.takeChanges()
    const [log] = [...own.logs()]
    if (log === undefined) throw new Error('a log')
    return { own, segments, log }
  }

  it('takes them back from segments of others, piece by piece', () => {
    const { own, segments, log } = held('a', 'b', 'c', 'd')
    own.losses.note(log, 1, 2)
    for (const segment of segments) expect(own.ingest(segment).outcome).toBe('duplicate')
    expect(own.takeChanges()).toMatchObject({ segments: [], restored: [{ from: 1 }, { from: 2 }] })
    expect([...own.losses.all()]).toEqual([])
  })

  it('refuses entries under a signature that nobody could check', () => {
    const { own, segments, log } = held('a', 'b')
    own.losses.note(log, 1, 1)
    const segment = decodeSegment(segments[1] as Uint8Array)
    const signature = Uint8Array.from(segment.signature, byte => byte ^ 1)
    expect(own.ingest(encodeSegment({ ...segment, signature })).outcome).toBe('bad-signature')
    expect(own.takeChanges().restored).toEqual([])
    expect([...own.losses.all()]).toHaveLength(1)
  })

  it('does not take back what its author had forgotten', () => {
    const { own, segments, log } = held('a', 'secret')
    const secret = [...own.records()][1]?.id as string
    write(own, writer, [{ k: 'retract', of: secret, erase: true }])
    own.takeChanges()
    own.losses.note(log, 0, 1)
    for (const segment of segments) own.ingest(segment)
    const { restored, ops, records } = own.takeChanges()
    expect(restored).toHaveLength(2)
    expect(ops).toEqual([{ log: log.id, seq: 1, k: 0 }])
    expect(records).toEqual([])
  })
})
