/** Publishers that mean harm: what they send leaves a directory within its bounds, and honest cards findable. */
import { type AgentCard, PEER_LIMITS, type SignedCard } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CardIndex,
  type Directory,
  fairShare,
  Interests,
  LexicalEmbedder,
} from '../../../packages/discovery/src/index.ts'
import { verifyOnce } from '../../simulation/space.ts'
import { cardOf, directory, LIFE, NOW, peerId, sign, TestClock } from './mesh.ts'

const HONEST = [
  'books flights to any city',
  'checks the licences of dependencies',
  'translates legal contracts into plain words',
  'reads git history and tells what changed',
  'finds hotels near a station',
  'forecasts the weather of a weekend',
] as const
const ALL_WORDS = HONEST.join(' ')
const GREEDY = 90

const honest = (): Promise<SignedCard[]> =>
  Promise.all(HONEST.map((text, i) => sign(i + 1, cardOf(i + 1, 'agent', [text]))))

/** Who is found for a request, among five. */
async function found(table: Directory, request: string): Promise<AgentCard[]> {
  const index = new CardIndex({ embedder: new LexicalEmbedder() })
  index.follow(table)
  const asked = await index.request(request)
  const ranked = await fairShare(5, (limit, accept) => index.search(asked, { limit, accept }))
  return ranked.map(({ card }) => card)
}

describe('[G4.directory] a publisher', () => {
  it.each([
    [64, 'all the words there are', ALL_WORDS],
    [12, 'what is asked, word for word', HONEST[0]],
    [12, 'what is asked, again and again', `${HONEST[0]} `.repeat(12).trim()],
  ])('that writes on %i cards %s is one among others', async (cards, _, words) => {
    const table = directory()
    for (let n = 0; n < cards; n++) table.put(await sign(GREEDY, cardOf(GREEDY, `a${n}`, [words.slice(0, 512)])))
    for (const card of await honest()) expect(table.put(card)).toBe('new')
    for (const [i, request] of HONEST.entries()) {
      const agents = (await found(table, request)).map(({ agent }) => agent)
      expect(agents, request).toContain(cardOf(i + 1, 'agent', ['x']).agent)
      expect(agents.filter(agent => agent.includes(peerId(GREEDY))).length).toBeLessThan(5)
    }
  })

  it('that stuffs its cards takes no more than one place by interest in a small directory', async () => {
    const interests = new Interests()
    interests.noteQuestion('book a flight to Rome')
    const table = directory(new TestClock(), { cards: 8, interestIn: card => interests.of(card) })
    for (let n = 0; n < 16; n++) table.put(await sign(GREEDY, cardOf(GREEDY, `a${n}`, [`${ALL_WORDS} flight Rome`])))
    for (const card of await honest()) table.put(card)
    expect(table.size).toBe(8)
    expect(table.of(peerId(GREEDY)).length).toBeLessThanOrEqual(2)
    expect(table.of(peerId(1))).toHaveLength(1)
  })

  it('whose cards are replayed, outdated, forged, expired or too large changes nothing', async () => {
    const table = directory()
    const [first, second] = await honest()
    if (first === undefined || second === undefined) throw new Error('two cards')
    table.put(await sign(1, cardOf(1, 'agent', ['the newest'], { seq: 7 })))
    table.put(second)
    const before = table.all()
    const bad: SignedCard[] = [
      ...[first, second],
      await sign(2, cardOf(1, 'agent', ['not mine'], { seq: 99 })),
      { ...second, signature: first.signature },
      await sign(3, cardOf(3, 'late', ['x'], { issued: NOW - LIFE, expires: NOW })),
      await sign(3, cardOf(3, 'early', ['x'], { issued: NOW + 10 * LIFE, expires: NOW + 11 * LIFE })),
      await sign(3, cardOf(3, 'large', Array(64).fill('x'.repeat(300)))),
    ]
    const property = fc.property(fc.array(fc.constantFrom(...bad), { maxLength: 30 }), coming => {
      for (const card of coming) expect(table.put(card)).toMatch(/^(old|refused)$/)
      expect(table.all()).toEqual(before)
    })
    fc.assert(property, { numRuns: 30 })
  })

  it('with 100,000 names has the places of one, and most of them cost no signature check', async () => {
    const [card] = await honest()
    if (card === undefined) throw new Error('a card')
    let checked = 0
    const table = directory(new TestClock(), {
      verify: (...given) => {
        checked++
        return verifyOnce(...given)
      },
    })
    for (let n = 0; n < PEER_LIMITS.cardsPerPeer; n++) table.put(await sign(GREEDY, cardOf(GREEDY, `a${n}`, ['x'])))
    const text = new TextDecoder().decode((await sign(GREEDY, cardOf(GREEDY, 'zzzzzz', ['x']))).body)
    for (let n = 0; n < 100_000; n++) {
      const body = new TextEncoder().encode(text.replace('zzzzzz', `b${n}`))
      expect(table.put({ body, signature: new Uint8Array(64) })).toBe('full')
    }
    expect(table.put(card)).toBe('new')
    expect(checked).toBe(PEER_LIMITS.cardsPerPeer + 1)
    expect(table.size).toBe(PEER_LIMITS.cardsPerPeer + 1)
  })
})
