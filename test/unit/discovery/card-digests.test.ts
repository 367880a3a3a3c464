/** Trees of digests: what two tables differ in is found, whatever it is, and what they share costs nothing. */
import { type AgentId, encodeMessage } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CardDigests, cardKey } from '../../../packages/discovery/src/index.ts'

const agent = (n: number): AgentId => `amp://peer/agent-${n}`
const table = (cards: Iterable<readonly [number, number]>) => {
  const digests = new CardDigests()
  for (const [n, seq] of cards) digests.set(agent(n), seq)
  return digests
}

/** What `own` finds lacking when it goes down the tree of `theirs`; with the bytes of what was said. */
function differences(own: CardDigests, theirs: CardDigests) {
  const found: { key: string; seq: number }[] = []
  let [bytes, questions] = [0, 0]
  for (let under = ['']; under.length > 0; questions++) {
    const nodes = under.map(prefix => theirs.node(prefix))
    bytes += encodeMessage({ type: 'cards_want', under, keys: [] }).length
    bytes += encodeMessage({ type: 'cards_held', nodes }).length
    const { under: next, cards } = own.compare(nodes)
    found.push(...cards)
    under = next
  }
  return { found, bytes, questions }
}

const many = Array.from({ length: 10_000 }, (_, n) => [n, 7] as const)

describe('digests of cards', () => {
  it('of two tables that agree cost a few hundred bytes, however many cards there are', () => {
    for (const cards of [[], many.slice(0, 40), many]) {
      const { found, bytes } = differences(table(cards), table(cards))
      expect(found).toEqual([])
      expect(bytes).toBeLessThan(300)
    }
  })

  it('find one newer and one unknown card among ten thousand for less than 3 kB', () => {
    const theirs = table(many)
    theirs.set(agent(4_321), 8)
    theirs.set(agent(10_001), 1)
    const { found, bytes, questions } = differences(table(many), theirs)
    expect(found.map(({ key, seq }) => `${key} ${seq}`).sort()).toEqual(
      [`${cardKey(agent(4_321))} 8`, `${cardKey(agent(10_001))} 1`].sort(),
    )
    expect(bytes).toBeLessThan(3_000)
    expect(questions).toBeLessThanOrEqual(3)
  })

  it('find whatever differs, and nothing else', () => {
    const cards = fc.uniqueArray(fc.tuple(fc.nat(400), fc.nat(3)), { selector: ([n]) => n, maxLength: 300 })
    const property = fc.property(cards, cards, (mine, theirs) => {
      const own = new Map(mine)
      const wanted = theirs.filter(([n, seq]) => (own.get(n) ?? -1) < seq)
      const { found } = differences(table(mine), table(theirs))
      expect(found.map(({ key, seq }) => `${key} ${seq}`).sort()).toEqual(
        wanted.map(([n, seq]) => `${cardKey(agent(n))} ${seq}`).sort(),
      )
    })
    fc.assert(property, { numRuns: 60 })
  })

  it('follow changes: what was there and is gone again leaves no trace', () => {
    const changed = table(many.slice(0, 500))
    for (const [n] of many.slice(300, 500)) changed.delete(agent(n))
    const fresh = table(many.slice(0, 300))
    expect(changed.node('')).toEqual(fresh.node(''))
    expect(changed.size).toBe(300)
    expect(table([]).node('')).toEqual({ under: '' })
  })

  it('answer nonsense with nothing', () => {
    for (const under of ['x', 'zz', '0000000000000000', 'ABC', '../..'])
      expect(table(many.slice(0, 100)).node(under)).toEqual({ under })
  })
})
