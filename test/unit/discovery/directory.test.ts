import { type AgentCard, agentIdOf, type SignedCard } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { CardReader, type Directory, type DirectoryChange, isCandidate } from '../../../packages/discovery/src/index.ts'
import { verifyOnce } from '../../simulation/space.ts'
import { cardOf, directory, LIFE, MESH, NOW, peerId, sign, TestClock } from './mesh.ts'

const contents = (table: Directory) =>
  table
    .all()
    .map(({ agent, seq }) => `${agent} ${seq}`)
    .sort()

describe('the directory', () => {
  it('keeps the card with the highest sequence', async () => {
    const table = directory()
    const [first, second] = [cardOf(1, 'a', ['x']), cardOf(1, 'a', ['y'], { seq: 2 })]
    expect(table.put(await sign(1, first))).toBe('new')
    expect(table.put(await sign(1, first))).toBe('old')
    expect(table.put(await sign(1, second))).toBe('newer')
    expect(table.put(await sign(1, first))).toBe('old')
    expect(table.get(first.agent)).toEqual(second)
    expect(table.of(peerId(1))).toEqual([second])
    expect(table.signedOf(peerId(1))).toEqual([await sign(1, second)])
    expect(table.of(peerId(2))).toEqual([])
  })

  it('refuses what its peer did not sign for this mesh', async () => {
    const table = directory()
    const card = cardOf(1, 'a', ['x'])
    const signed = await sign(1, card)
    const altered = { ...signed, body: signed.body.map((byte, i) => (i === signed.body.length - 10 ? byte ^ 1 : byte)) }
    const bad: SignedCard[] = [
      await sign(2, card),
      altered,
      { ...signed, signature: new Uint8Array(64) },
      await sign(1, { ...card, mesh: MESH.replace(/^./, c => (c === 'A' ? 'B' : 'A')) }),
      await sign(1, { ...card, agent: 'amp://nobody/a' }),
      await sign(1, { ...card, expires: NOW + LIFE + 1 }),
      await sign(1, cardOf(1, 'a', Array(64).fill('x'.repeat(300)))),
    ]
    expect(bad.map(each => table.put(each))).toEqual(bad.map(() => 'refused'))
    expect(table.size).toBe(0)
    expect(table.put(signed)).toBe('new')
  })

  it('spares the index in the DHT a signature check of the cards it holds, and of no others', async () => {
    const clock = new TestClock()
    const table = directory(clock)
    let checks = 0
    const count: typeof verifyOnce = (...given) => {
      checks += 1
      return verifyOnce(...given)
    }
    const reader = new CardReader({ mesh: MESH, verify: count, clock, opened: digest => table.opened(digest) })
    const signed = await sign(1, cardOf(1, 'a', ['x']))
    const forged = { ...signed, signature: new Uint8Array(64) }
    table.put(signed)
    expect(reader.read(signed)?.agent).toBe(agentIdOf(peerId(1), 'a'))
    expect(checks).toBe(0)
    expect(reader.read(forged)).toBeUndefined()
    expect(reader.read(await sign(2, cardOf(2, 'b', ['x'])))?.seq).toBe(1)
    expect(checks).toBe(2)
  })

  it('lets cards expire by its clock, and takes none from the past or far future', async () => {
    const clock = new TestClock()
    const table = directory(clock)
    const seen: string[] = []
    table.subscribe(({ change, card }) => seen.push(`${change} ${card.seq}`))
    expect(table.put(await sign(1, cardOf(1, 'old', ['x'], { issued: NOW - LIFE, expires: NOW })))).toBe('old')
    const ahead = NOW + 300_001
    expect(table.put(await sign(1, cardOf(1, 'ahead', ['x'], { issued: ahead, expires: ahead + 1 })))).toBe('old')
    table.put(await sign(1, cardOf(1, 'short', ['x'], { expires: NOW + 10 })))
    table.put(await sign(1, cardOf(1, 'long', ['x'], { seq: 5 })))
    await clock.advance(10)
    expect(table.all().map(({ seq }) => seq)).toEqual([5])
    await clock.advance(LIFE)
    expect(table.size).toBe(0)
    expect(seen).toEqual(['new 1', 'new 5', 'expired 1', 'expired 5'])
  })

  it('remembers that an agent is gone, and does not offer it', async () => {
    const table = directory()
    const gone = cardOf(1, 'a', ['x'], { seq: 2, state: 'gone' })
    table.put(await sign(1, gone))
    expect(table.put(await sign(1, cardOf(1, 'a', ['x'])))).toBe('old')
    expect(['ready', 'busy', 'draining', 'gone'].map(state => isCandidate({ ...gone, state } as AgentCard))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('forgets a peer when told, and tells its subscribers until they cancel', async () => {
    const table = directory()
    const seen: DirectoryChange['change'][] = []
    const cancel = table.subscribe(({ change }) => seen.push(change))
    for (const name of ['a', 'b']) table.put(await sign(1, cardOf(1, name, ['x'])))
    table.put(await sign(2, cardOf(2, 'a', ['x'])))
    table.remove(peerId(1))
    expect(table.all().map(({ agent }) => agent)).toEqual([agentIdOf(peerId(2), 'a')])
    cancel()
    table.remove(peerId(2))
    expect(seen).toEqual(['new', 'new', 'new', 'removed', 'removed'])
    expect(table.put(await sign(2, cardOf(2, 'a', ['x'])))).toBe('new')
  })

  it.each([1, 2, 3, 4])('does not let a prolific publisher push others out: peer %i', async greedy => {
    const table = directory(new TestClock(), { cards: 5, cardsPerPeer: 4 })
    const put = async (peer: number, name: string) => table.put(await sign(peer, cardOf(peer, name, ['x'])))
    for (const name of ['a', 'b', 'c', 'd']) expect(await put(greedy, name)).toBe('new')
    expect(await put(greedy, 'e')).toBe('full')
    for (const peer of [1, 2, 3, 4]) if (peer !== greedy) expect(await put(peer, 'a')).toBe('new')
    expect(await put(greedy, 'c')).toBe('full')
    expect(table.of(peerId(greedy))).toHaveLength(2)
    expect(table.size).toBe(5)
  })

  describe('with many cards', () => {
    const cards: SignedCard[] = []
    beforeAll(async () => {
      for (const peer of [1, 2, 3, 4])
        for (const name of ['a', 'b', 'c'].slice(0, peer))
          for (const seq of [1, 2]) cards.push(await sign(peer, cardOf(peer, name, [`${name} ${seq}`], { seq })))
      // one agent, one sequence, two cards: a fault of its peer
      cards.push(await sign(1, cardOf(1, 'a', ['another'], { seq: 2 })))
    })
    const orders = () => fc.shuffledSubarray(cards, { minLength: cards.length, maxLength: cards.length })

    it.each([
      { cards: 100, cardsPerPeer: 64 },
      { cards: 100, cardsPerPeer: 2 },
      { cards: 6, cardsPerPeer: 2 },
      { cards: 4, cardsPerPeer: 3 },
      { cards: 3, cardsPerPeer: 3 },
    ])('holds the same whatever order they come in: %j', bounds => {
      const reference = directory(new TestClock(), bounds)
      for (const signed of cards) reference.put(signed)
      const property = fc.property(orders(), order => {
        const table = directory(new TestClock(), bounds)
        for (const signed of order) table.put(signed)
        expect(contents(table)).toEqual(contents(reference))
        expect(table.size).toBeLessThanOrEqual(bounds.cards)
        expect(table.get(agentIdOf(peerId(1), 'a'))).toEqual(reference.get(agentIdOf(peerId(1), 'a')))
      })
      fc.assert(property, { numRuns: 40 })
    })
  })
})
