/** Artifacts: fetched from any holder, resumed, checked chunk by chunk, bounded, and forgotten when erased. */
import { ARTIFACT_LIMITS, type Op, sha256, toBase64url } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { identity, SeededRandom } from '../../../simulation/space.ts'
import { type Member, Space } from './members.ts'

const CHUNK = ARTIFACT_LIMITS.chunk
const random = new SeededRandom(3)
const contents = (chunks: number) => {
  const bytes = new Uint8Array(chunks * CHUNK - 100)
  for (let at = 0; at < bytes.length; at += 97) bytes[at] = random.below(256)
  return bytes
}
const put = (member: Member, bytes: Uint8Array, name = 'report.bin') =>
  member.artifacts.put(name, 'application/octet-stream', bytes)

describe('an artifact', () => {
  it('reaches every member in the background, and anybody can read it', async () => {
    const space = new Space()
    const [ada, bob] = [await space.member(1), await space.member(2)]
    const bytes = contents(3)
    const record = await put(ada, bytes)
    expect(record.op).toMatchObject({ bytes: bytes.length, sha256: toBase64url(sha256(bytes)) })
    expect(record.op.chunks).toHaveLength(3)
    await space.pass()
    expect((await bob.keys()).filter(key => key.includes('/chunk/'))).toHaveLength(3)
    space.leave(ada)
    expect(await bob.artifacts.get(record.id)).toEqual(bytes)
    const small = await put(bob, contents(1))
    expect(small.op).not.toHaveProperty('chunks')
  })

  it('is fetched to its end from another holder when the first one leaves in the middle', async () => {
    const space = new Space()
    const [ada, carol] = [await space.member(1), await space.member(3)]
    const bytes = contents(20)
    const record = await put(ada, bytes)
    await space.pass()
    let served = 0
    ada.distort = message => {
      if (message.type !== 'chunk' || ++served <= 11) return message
      if (space.members.includes(ada)) space.leave(ada)
      return undefined
    }
    const bob = await space.member(2)
    expect(await Promise.all([bob.artifacts.get(record.id), space.pass(100)])).toMatchObject([bytes, undefined])
    expect(served).toBe(12)
    // of the second run of eight some chunks were still on their way when their sender left
    expect(bob.wants(carol), 'not what was here').toBeLessThanOrEqual(12)
    expect(bob.liars).toEqual([])
  })

  it('goes on after a restart where it had ended', async () => {
    const space = new Space()
    const ada = await space.member(1)
    const bytes = contents(10)
    const record = await put(ada, bytes)
    let served = 0
    ada.distort = message => (message.type === 'chunk' && ++served > 4 ? undefined : message)
    const bob = await space.member(2)
    const broken = bob.artifacts.get(record.id).catch(error => error.code)
    await space.pass()
    space.leave(bob)
    expect(await broken).toBe('stopped')
    ada.distort = message => message
    const again = await space.member(2, bob.storage)
    again.records.add(ada.records.all())
    expect(await again.artifacts.get(record.id)).toEqual(bytes)
    expect(again.wants(ada)).toBe(6)
  })

  it('is refused at the first bad chunk of a lying holder, who is told on and not asked again', async () => {
    const space = new Space()
    const [ada, carol] = [await space.member(1), await space.member(3)]
    const bytes = contents(9)
    const record = await put(ada, bytes)
    await space.pass()
    ada.distort = message =>
      message.type === 'chunk' && message.n === 2 ? { ...message, bytes: new Uint8Array(CHUNK).fill(7) } : message
    const bob = await space.member(2)
    expect(await bob.artifacts.get(record.id)).toEqual(bytes)
    expect(bob.liars).toEqual([ada.peer])
    expect(bob.sent.filter(([to]) => to === ada.peer)).toHaveLength(1)
    expect(bob.wants(carol)).toBe(7)
  })

  it('lets nobody make an honest holder look like a liar by describing its contents falsely', async () => {
    const space = new Space()
    const [ada, mallory] = [await space.member(1), await space.member(4)]
    const bytes = contents(2)
    const { op } = await put(ada, bytes)
    const forged = await space.say(4, { ...op, chunks: [op.sha256, op.sha256] })
    const bob = await space.member(2)
    const found = bob.artifacts.get(forged.id).catch(error => error.code)
    await space.pass(60_000)
    expect(await found).toBe('unreachable')
    expect(bob.liars).toEqual([])
    expect(mallory.liars).toEqual([])
  })

  it('is none when its record contradicts itself or its contents, or is not there', async () => {
    const space = new Space()
    const ada = await space.member(1)
    const bytes = contents(2)
    const { op } = await put(ada, bytes)
    const code = (given: Op) =>
      space.say(1, given).then(({ id }) => ada.artifacts.get(id).catch((error: { code: string }) => error.code))
    expect(await code({ ...op, bytes: op.bytes + CHUNK })).toBe('bad-input')
    expect(await code({ k: 'hyp', text: 'no artifact' })).toBe('no-such-record')
    const wrong = space.say(1, { ...op, sha256: toBase64url(sha256(new Uint8Array(1))) })
    const found = ada.artifacts.get((await wrong).id).catch(error => error.code)
    await space.pass(60_000)
    expect(await found).toBe('unreachable')
    await expect(put(ada, new Uint8Array())).rejects.toMatchObject({ code: 'bad-input' })
    await expect(put(ada, new Uint8Array(257 * CHUNK))).rejects.toMatchObject({ code: 'too-large' })
  })

  it('is fetched again where a disk damaged it', async () => {
    const space = new Space()
    const [ada, bob] = [await space.member(1), await space.member(2)]
    const bytes = contents(3)
    const record = await put(ada, bytes)
    await space.pass()
    const key = (await bob.keys()).find(each => each.endsWith('/001')) ?? ''
    await bob.storage.write([{ put: key, value: new Uint8Array(CHUNK) }])
    expect(await bob.artifacts.get(record.id)).toEqual(bytes)
    expect(bob.wants(ada)).toBe(4)
  })

  it('can be waited for no longer than the caller wants', async () => {
    const space = new Space()
    const [ada, bob] = [await space.member(1), await space.member(2)]
    ada.distort = () => undefined
    const record = await put(ada, contents(2))
    const impatient = new AbortController()
    const waiting = bob.artifacts.get(record.id, impatient.signal).catch(error => error)
    await space.pass()
    impatient.abort(new Error('enough'))
    expect(await waiting).toMatchObject({ message: 'enough' })
  })
})

describe('the quota', () => {
  const many = ARTIFACT_LIMITS.bytesPerAuthor / (ARTIFACT_LIMITS.chunks * CHUNK)
  const large = (fill: number) => new Uint8Array(ARTIFACT_LIMITS.chunks * CHUNK).fill(fill)

  it('stops an author who shares too much, and nobody fetches what one claims beyond it', async () => {
    const space = new Space()
    const ada = await space.member(1)
    for (let i = 0; i < many; i++) await put(ada, large(i + 1))
    await expect(put(ada, contents(1))).rejects.toMatchObject({ code: 'quota' })
    const bob = await space.member(2)
    await bob.artifacts.note()
    await space.pass(100)
    const [greedy] = ada.records.of('artifact')
    await space.say(1, { ...(greedy?.op as Op<'artifact'>), bytes: CHUNK, chunks: [toBase64url(sha256(contents(1)))] })
    await space.pass()
    const held = (await bob.keys()).filter(key => key.includes('/held/'))
    expect(held).toHaveLength(many)
  })
})

describe('erasing', () => {
  it('removes the bytes everywhere, also where they are still on their way, and they are served no more', async () => {
    const space = new Space()
    const [ada, bob] = [await space.member(1), await space.member(2)]
    const kept = await put(ada, contents(2), 'kept')
    const gone = await put(ada, contents(2), 'gone')
    await space.pass()
    const before = (await bob.keys()).length
    await space.say(1, { k: 'retract', of: gone.id, erase: true })
    for (const member of [ada, bob]) expect((await member.keys()).length).toBe(before / 2)
    await expect(bob.artifacts.get(gone.id)).rejects.toMatchObject({ code: 'no-such-record' })
    expect((await bob.artifacts.get(kept.id)).length).toBe(kept.op.bytes)

    bob.distort = () => undefined
    const late = await put(ada, contents(3), 'late')
    const waiting = bob.artifacts.get(late.id).catch(error => error.code)
    await ada.artifacts.close()
    await space.say(1, { k: 'retract', of: late.id, erase: true })
    expect((await bob.keys()).length).toBe(before / 2)
    expect(await waiting).toBe('no-such-record')
  })

  it('is for their author alone; a mere retraction leaves the bytes, what two share stays with one', async () => {
    const space = new Space()
    const [ada, bob] = [await space.member(1), await space.member(2)]
    const bytes = contents(2)
    const [one, other] = [await put(ada, bytes), await put(bob, bytes)]
    const count = (await ada.keys()).length
    await space.say(2, { k: 'retract', of: one.id, erase: true })
    await space.say(1, { k: 'retract', of: one.id, erase: true })
    expect((await ada.keys()).length, 'bob shares it').toBe(count)
    await space.say(2, { k: 'retract', of: other.id })
    expect((await bob.keys()).length, 'not erased').toBe(count)
    await expect(bob.artifacts.get(other.id)).rejects.toMatchObject({ code: 'no-such-record' })
    await space.say(2, { k: 'retract', of: other.id, erase: true })
    expect(await ada.keys()).toEqual([])
    expect(identity(1).peerId).toBe(ada.peer)
  })
})

describe('a hostile neighbour', () => {
  it('gets no more than a bounded answer, and what nobody asked for is not kept', async () => {
    const space = new Space()
    const [ada, bob] = [await space.member(1), await space.member(2)]
    await put(ada, contents(20))
    await space.pass()
    const content =
      (await ada.keys())
        .find(key => key.includes('/held/'))
        ?.split('/')
        .at(-1) ?? ''
    const before = ada.sent.length
    for (let i = 0; i < 50; i++)
      await ada.artifacts.receive(bob.peer, { type: 'chunk_want', space: 's', content, first: 0, last: 2 ** 40 })
    await space.pass(100)
    expect(ada.sent.length - before).toBeLessThanOrEqual(6 * ARTIFACT_LIMITS.chunksPerWant)
    const keys = await ada.keys()
    await ada.artifacts.receive(bob.peer, { type: 'chunk', space: 's', content: 'x', n: 0, bytes: new Uint8Array(9) })
    expect(await ada.keys()).toEqual(keys)
  })
})
