/** One replica: durable before sent and shown, reopened equal, its own log never forked by a crash or a copy. */

import { MemoryStorage } from '@amp-mesh/context'
import type { Op, StorageOp } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type Member, ReplicaNetwork, recordIds } from '../../simulation/replica-network.ts'
import { genesisBytes, identity, ledger, settled, write } from '../../simulation/space.ts'

const fact = (o: number | string): Op => ({ k: 'fact', s: 's', p: 'p', o })
const objects = (member: Member) => member.replica.records.of('fact').map(({ op }) => op.o)

/** Storage that can be held up or broken, and copied as a disk would be at that moment. */
class Disk extends MemoryStorage {
  #gate: Promise<void> = Promise.resolve()
  broken = false
  writes = 0

  hold(): () => void {
    let release = () => {}
    this.#gate = new Promise(resolve => {
      release = resolve
    })
    return release
  }

  override async write(ops: readonly StorageOp[]): Promise<void> {
    await this.#gate
    if (this.broken) throw new Error('ENOSPC')
    this.writes++
    await super.write(ops)
  }

  async copy(): Promise<Disk> {
    const copy = new Disk()
    for await (const [key, value] of this.range('', '\uffff')) await copy.write([{ put: key, value }])
    return copy
  }
}

async function pair() {
  const net = new ReplicaNetwork(genesisBytes())
  const disk = new Disk()
  const [a, b] = [await net.join(identity(0), disk), await net.join(identity(1))]
  net.link(a, b)
  await net.clock.advance(100)
  return { net, disk, a, b }
}

describe('a replica', () => {
  it('[G3.durable] shows and sends nothing before it is durable', async () => {
    const { net, disk, a, b } = await pair()
    const release = disk.hold()
    net.sent.clear()
    const said = a.replica.append([fact(1)])
    await net.clock.advance(50)
    expect([objects(a), a.heard.length, net.sent.get('segment') ?? 0]).toEqual([[], 0, 0])
    release()
    await net.clock.advance(50)
    expect((await said).map(({ op }) => op)).toEqual([fact(1)])
    expect([objects(a), objects(b)]).toEqual([[1], [1]])
  })

  it('writes the appends of one tick as one entry with one fsync', async () => {
    const { net, disk, a } = await pair()
    const before = disk.writes
    const said = [[fact(1), fact(2)], [fact(3)], [fact(4)]].map(ops => a.replica.append(ops))
    await net.clock.advance(5)
    const records = await Promise.all(said)
    expect(records.map(each => each.map(({ op }) => op))).toEqual([[fact(1), fact(2)], [fact(3)], [fact(4)]])
    expect(new Set(records.flat().map(({ seq }) => seq)).size).toBe(1)
    expect(disk.writes - before).toBe(1)
  })

  it('refuses what others could not read', async () => {
    const { a } = await pair()
    await expect(a.replica.append([{ k: 'verify', of: 'short', v: 1 }])).rejects.toMatchObject({ code: 'bad-input' })
    await expect(a.replica.append([])).rejects.toMatchObject({ code: 'bad-input' })
    const long: Op = { k: 'fact', s: 's', p: 'p', o: Array.from({ length: 3 }, () => 'a'.repeat(8_000)) }
    await expect(a.replica.append([long])).rejects.toMatchObject({ code: 'too-large' })
  })

  it('ends when its store fails: the word is not given, not shown, not sent', async () => {
    const { net, disk, a, b } = await pair()
    await net.say(a, fact(1))
    disk.broken = true
    await expect(net.say(a, fact(2))).rejects.toMatchObject({ code: 'damaged-store' })
    await expect(a.replica.append([fact(3)])).rejects.toMatchObject({ code: 'damaged-store' })
    await net.clock.advance(2_000)
    expect([objects(a), objects(b)]).toEqual([[1], [1]])
  })

  it.each(['before', 'after'])('killed %s its last write reached the disk, goes on without a fork', async moment => {
    const { net, disk, a, b } = await pair()
    for (let n = 0; n < 5; n++) await net.say(a, fact(n))
    const early = await disk.copy()
    const release = disk.hold()
    a.replica.append([fact('last')]).catch(() => {})
    await net.clock.advance(5)
    if (moment === 'after') {
      release()
      await settled()
    }
    const left = moment === 'after' ? await disk.copy() : early
    net.drop(a)
    const again = await net.join(identity(0), left)
    net.link(again, b)
    expect(objects(again)).toEqual(moment === 'after' ? [0, 1, 2, 3, 4, 'last'] : [0, 1, 2, 3, 4])
    const [next] = await net.say(again, fact('next'))
    await net.clock.advance(2_000)
    expect(next?.log).toBe(b.replica.records.of('fact')[0]?.log)
    expect(recordIds(again)).toEqual(recordIds(b))
    expect(objects(b)).toContain('next')
  })

  it('reopens as it was: records, forks, and what was cut', async () => {
    const { net, disk, a } = await pair()
    const evil = identity(3)
    const [one, two] = [ledger(genesisBytes(), evil, () => net.clock.now()), ledger(genesisBytes(), evil)]
    const shared = write(one, evil, [fact('shared')])
    two.ingest(shared)
    for (const segment of [shared, write(one, evil, [fact('a')])]) await a.replica.importSegment(segment)
    await net.say(a, fact(1), { k: 'admit', pub: identity(9).publicKey })
    await a.replica.importSegment(write(ledger(genesisBytes(), identity(9)), identity(9), [fact('guest')]))
    await net.clock.advance(100)
    await a.replica.importSegment(write(two, evil, [fact('b')]))
    await a.replica.close()
    net.drop(a)
    const again = await net.join(identity(0), disk)
    expect(recordIds(again)).toEqual(recordIds(a))
    expect(objects(again).sort()).toEqual([1, 'shared'].sort())
    expect(again.replica.records.heads()).toEqual(a.replica.records.heads())
  })

  it('whose folder was lost takes its own log back from others before it speaks', async () => {
    const { net, a, b } = await pair()
    for (let n = 0; n < 3; n++) await net.say(a, fact(n))
    await net.clock.advance(500)
    net.drop(a)
    const again = await net.join(identity(0))
    net.link(again, b)
    const said = again.replica.append([fact('back')])
    await net.clock.advance(2_000)
    // in the next epoch: somebody out of reach may hold more of the log that was lost
    expect((await said)[0]?.seq).toBe(0)
    expect(objects(b)).toEqual([0, 1, 2, 'back'])
    expect(b.replica.logs().some(({ fork }) => fork !== undefined)).toBe(false)
  })

  it('whose folder lost its end listens for others a while, then goes on in the next epoch', async () => {
    const { net, disk, a } = await pair()
    for (let n = 0; n < 3; n++) await net.say(a, fact(n))
    net.drop(a)
    const keys: string[] = []
    for await (const [key] of disk.range('', '\uffff')) if (key.includes('/log/')) keys.push(key)
    await disk.write([{ del: keys.at(-1) as string }])
    const again = await net.join(identity(0), disk)
    const saying = again.replica.append([fact('next')])
    await net.clock.advance(9_000) // somebody may come who holds more of its log
    expect(objects(again)).toEqual([0, 1])
    await net.clock.advance(1_000)
    expect((await saying)[0]?.seq).toBe(0)
    expect(objects(again)).toEqual([0, 1, 'next'])
  })

  it('whose disk was repaired goes on in the next epoch: what it noted may be old', async () => {
    const { net, disk, a } = await pair()
    await net.say(a, fact(0))
    net.drop(a)
    const repaired = Object.assign(await disk.copy(), { life: 1 })
    const again = await net.join(identity(0), repaired)
    const saying = again.replica.append([fact('next')])
    await net.clock.advance(10_000) // somebody may come who holds more of its log
    expect((await saying)[0]?.seq).toBe(0)
    expect(objects(again)).toEqual([0, 'next'])
  })

  it('that a copy of itself forked goes on in the next epoch', async () => {
    const { net, disk, a, b } = await pair()
    await net.say(a, fact(0))
    const twin = await net.join(identity(0), await disk.copy())
    await net.say(a, fact('a'))
    await net.say(twin, fact('twin'))
    expect(await b.replica.importSegment(await lastSegment(twin))).toBe('fork')
    await net.clock.advance(2_000)
    expect([objects(a), objects(b)]).toEqual([[0], [0]])
    const [next] = await net.say(a, fact('again'))
    await net.clock.advance(100)
    expect(next?.seq).toBe(0)
    expect(objects(b)).toEqual([0, 'again'])
  })

  it('survives anything a neighbour says', async () => {
    const { net, a, b } = await pair()
    const space = a.replica.id
    const from = b.identity.peerId
    const pub = 'Z'.repeat(43)
    const hash = 'A'.repeat(22)
    const tell = (message: Parameters<typeof a.replica.receive>[1]) => a.replica.receive(from, message)
    await tell({ type: 'segment', space, bytes: Uint8Array.of(1, 2, 3) })
    await tell({ type: 'proof', space, a: new Uint8Array(200), b: new Uint8Array(200) })
    await tell({ type: 'heads', space, heads: [{ pub, epoch: 0, seq: 5, hash }], full: true })
    await tell({
      type: 'heads',
      space,
      heads: [{ pub: b.identity.publicKey, epoch: 2 ** 52, seq: 2 ** 52, hash }],
      full: true,
    })
    await tell({ type: 'want', space, ranges: [{ pub, epoch: 0, from: 0, to: 5 }] })
    await tell({ type: 'want', space, ranges: [{ pub: a.identity.publicKey, epoch: 0, from: 2 ** 52, to: 0 }] })
    await tell({ type: 'busy', space, retryAfterMs: Number.MAX_SAFE_INTEGER })
    await a.replica.receive('not a peer id', {
      type: 'heads',
      space,
      heads: [{ pub: 'A'.repeat(43), epoch: 0, seq: 1, hash }],
      full: true,
    })
    expect(a.strikes.length).toBeGreaterThanOrEqual(3)
    await net.say(b, fact(1))
    await net.clock.advance(100)
    expect(objects(a)).toEqual([1])
  })

  it('[G1.hide] is not kept from what one honest neighbour has by one that only claims to have it', async () => {
    const { net, a, b } = await pair()
    net.link(a, b, false)
    await net.say(b, fact('kept back'))
    const liar = identity(2)
    const log = b.replica.records.of('fact')[0]
    if (log === undefined) throw new Error('a fact')
    const claim = { pub: b.identity.publicKey, epoch: 0, seq: 900, hash: 'A'.repeat(22) }
    const lie = () => a.replica.receive(liar.peerId, { type: 'heads', space: a.replica.id, heads: [claim], full: true })
    await lie()
    net.link(a, b)
    for (let i = 0; i < 100; i++) {
      await lie()
      await net.clock.advance(50)
    }
    expect(objects(a)).toEqual(['kept back'])
  })

  it('hands out the question, small and complete, for a broadcast', async () => {
    const { net, a } = await pair()
    expect(a.replica.questionSegment()).toBeUndefined()
    await net.say(a, { k: 'broadcast', query: 'who?' })
    await net.say(a, fact(1))
    const segment = a.replica.questionSegment()
    const stranger = await net.join(identity(7))
    expect(await stranger.replica.importSegment(segment as Uint8Array)).toBe('added')
    expect(stranger.replica.records.of('broadcast')[0]?.op.query).toBe('who?')
    expect(stranger.replica.records.size).toBe(1)
  })

  it('ends cleanly: what was appended is written, no timer is left, later words are refused', async () => {
    const { net, disk, a, b } = await pair()
    await net.clock.advance(100)
    const said = a.replica.append([fact(1)])
    await a.replica.close()
    expect(await said).toHaveLength(1)
    await b.replica.close()
    await net.clock.advance(20)
    expect(net.clock.pending).toBe(0)
    await expect(a.replica.append([fact(2)])).rejects.toMatchObject({ code: 'stopped' })
    net.drop(a)
    expect(objects(await net.join(identity(0), disk))).toEqual([1])
  })

  it('tells its listeners of what they could not know, and outlives one that throws', async () => {
    const { net, a, b } = await pair()
    const heard: number[] = []
    a.replica.subscribe(() => {
      throw new Error('a bad listener')
    })
    const stop = a.replica.subscribe(news => heard.push(news.length))
    await net.say(b, fact(1), fact(2))
    await net.clock.advance(50)
    stop()
    await net.say(b, fact(3))
    await net.clock.advance(50)
    expect(heard).toEqual([2])
  })
})

/** Bytes of the hash before each stored value. */
const SEAL = 16

/** The last segment of a member's own log, read from its disk. */
async function lastSegment(member: Member): Promise<Uint8Array> {
  const segments: Uint8Array[] = []
  for await (const [key, value] of member.storage.range('', '\uffff'))
    if (key.includes('/log/')) segments.push(value.subarray(SEAL))
  return segments.at(-1) as Uint8Array
}
