/** Two directories made equal by asking: what comes of it, what it costs, and what a liar gets out of it. */
import { Directory } from '@amp-mesh/discovery'
import { encodeMessage, type Message, type SignedCard, WIRE_LIMITS } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { answersTo, CardPull } from '../../../packages/peer/src/card-pull.ts'
import { SeededRandom } from '../../simulation/space.ts'
import { cardOf, directory, MESH, sign, TestClock } from '../discovery/mesh.ts'

const random = new SeededRandom(1)

/** `own` pulls from `theirs` to the end; the bytes both said. */
function pull(own: Directory, theirs: Directory): { bytes: number; questions: number } {
  const asking = new CardPull({ directory: own, random })
  let [bytes, questions] = [0, 0]
  for (let question = asking.next(); question !== undefined; question = asking.next(), questions++) {
    bytes += encodeMessage(question).length
    for (const answer of answersTo(question, theirs)) {
      bytes += encodeMessage(answer).length
      asking.heard(answer)
    }
  }
  return { bytes, questions }
}

const contents = (table: Directory) =>
  table
    .all()
    .map(({ agent, seq }) => `${agent} ${seq}`)
    .sort()

const filled = (cards: readonly SignedCard[], bounds: { cards?: number } = {}) => {
  const table = directory(new TestClock(), bounds)
  for (const signed of cards) table.put(signed)
  return table
}

const cards: SignedCard[] = []
beforeAll(async () => {
  for (const peer of [1, 2, 3, 4])
    for (const name of ['a', 'b', 'c', 'd', 'e'].slice(0, peer + 1))
      for (const seq of [1, 2]) cards.push(await sign(peer, cardOf(peer, name, [`${name} ${seq}`], { seq })))
})

describe('a pull', () => {
  it('[G3.directory] each way makes two directories equal, and then costs a few hundred bytes', () => {
    const split = fc.tuple(fc.subarray(cards), fc.subarray(cards))
    const property = fc.property(split, ([mine, theirs]) => {
      const [a, b] = [filled(mine), filled(theirs)]
      pull(a, b)
      pull(b, a)
      expect(contents(a)).toEqual(contents(b))
      for (const [one, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const { bytes, questions } = pull(one, other)
        expect(bytes).toBeLessThan(300)
        expect(questions).toBe(1)
      }
    })
    fc.assert(property, { numRuns: 40 })
  })

  it('of a full directory follows one branch at a time, and takes again what it let go only when it is newer', () => {
    const theirs = filled(cards)
    const mine = filled(cards, { cards: 6 })
    expect(mine.isPartial).toBe(true)
    const before = contents(mine)
    for (let i = 0; i < 40; i++) {
      const { questions } = pull(mine, theirs)
      expect(questions).toBeLessThanOrEqual(3)
    }
    expect(contents(mine)).toEqual(before)
  })

  it('follows no neighbour that invents differences for ever, and takes no answer it did not ask for', () => {
    const asking = new CardPull({ directory: filled([]), random })
    let nodes = 0
    for (let question = asking.next(); question !== undefined; question = asking.next()) {
      nodes += question.under.length
      const digests = Uint8Array.from({ length: 128 }, () => random.below(255) + 1)
      const lies = question.under.map(under => ({ under, digests: under.length > 8 ? new Uint8Array(128) : digests }))
      asking.heard({ type: 'cards_held', nodes: lies })
    }
    expect(nodes).toBeLessThanOrEqual(1_024)
    const stray: Message = { type: 'cards_held', nodes: [{ under: 'f' }] }
    expect(() => new CardPull({ directory: filled([]), random }).heard(stray)).toThrow(/not asked for/)
    expect(() => new CardPull({ directory: filled([]), random }).heard({ type: 'pong', n: 1 })).toThrow()
  })

  it('asks for no more at once than a message may hold', () => {
    const held = new Uint8Array(14 * WIRE_LIMITS.cardsInNode).map(() => random.below(256))
    const asking = new CardPull({ directory: filled([]), random })
    asking.next()
    asking.heard({ type: 'cards_held', nodes: [{ under: '', digests: new Uint8Array(128).fill(1) }] })
    expect(asking.next()?.under).toHaveLength(16)
    asking.heard({ type: 'cards_held', nodes: [...'0123456789abcdef'].map(under => ({ under, held })) })
    const sizes: number[] = []
    for (let question = asking.next(); question !== undefined; question = asking.next())
      sizes.push(question.keys.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(WIRE_LIMITS.cardKeys)
  })
})

it('the cards of a stranger’s mesh are not repaired into ours', async () => {
  const [card] = cards
  const other = new Directory({
    mesh: MESH.replace(/^./, c => (c === 'A' ? 'B' : 'A')),
    verify: () => true,
    clock: new TestClock(),
  })
  expect(card && other.put(card)).toBe('refused')
  pull(other, filled(cards))
  expect(other.size).toBe(0)
})
