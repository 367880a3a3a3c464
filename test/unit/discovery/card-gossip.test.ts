import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GOSSIP_VERDICT, nextCard, renewalOf } from '../../../packages/discovery/src/index.ts'
import { cardOf, directory, LIFE, NOW, sign, TestClock } from './mesh.ts'

const { seq, issued, expires, ...content } = cardOf(1, 'a', ['x'])

describe('gossip of cards', () => {
  it('passes on what is news, is silent about the rest, and blames only forgers', async () => {
    const table = directory(new TestClock(), { cards: 1 })
    const verdictOf = async (signer: number, card = cardOf(1, 'a', ['x'])) =>
      GOSSIP_VERDICT[table.put(await sign(signer, card))]
    expect(await verdictOf(1)).toBe('accept')
    expect(await verdictOf(1)).toBe('ignore')
    expect(await verdictOf(1, cardOf(1, 'a', ['y'], { seq: 2 }))).toBe('accept')
    expect(await verdictOf(1, cardOf(1, 'b', ['y']))).toBe('ignore')
    expect(await verdictOf(2, cardOf(1, 'a', ['z'], { seq: 3 }))).toBe('reject')
  })

  it('publishes an own card when it is new or changed, with a later sequence', () => {
    const first = nextCard(content, undefined, NOW, 0)
    expect(first).toEqual({ ...content, seq: NOW, issued: NOW, expires: NOW + LIFE })
    expect(nextCard(content, first, NOW + 1, 0)).toBeUndefined()
    const changed = nextCard({ ...content, state: 'busy' }, first, NOW, 0)
    expect(changed).toMatchObject({ state: 'busy', seq: NOW + 1, issued: NOW })
    // a clock that was set back
    expect(nextCard({ ...content, state: 'busy' }, first, NOW - 5_000, 0)?.seq).toBe(NOW + 1)
  })

  it('renews it before half its life is over, sooner with more jitter', () => {
    const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    const property = fc.property(jitters, jitter => {
      const last = { ...content, seq, issued, expires }
      const due = renewalOf(last, jitter)
      expect(due).toBeLessThanOrEqual(NOW + LIFE / 2)
      expect(due).toBeGreaterThanOrEqual(NOW + 0.4 * LIFE - 1)
      expect(nextCard(content, last, due - 1, jitter)).toBeUndefined()
      expect(nextCard(content, last, due, jitter)).toMatchObject({ seq: due, issued: due, expires: due + LIFE })
    })
    fc.assert(property)
  })
})
