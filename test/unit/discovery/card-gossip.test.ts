import { encodeMessage, type SignedCard, WIRE_LIMITS } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inMessages, nextCard, renewalOf, verdictOf } from '../../../packages/discovery/src/index.ts'
import { cardOf, directory, LIFE, NOW, sign, TestClock } from './mesh.ts'

const { seq, issued, expires, ...content } = cardOf(1, 'a', ['x'])

describe('gossip of cards', () => {
  it('passes on what is news, is silent about the rest, and blames only forgers', async () => {
    const table = directory(new TestClock(), { cards: 1 })
    const heard = async (signer: number, card = cardOf(1, 'a', ['x'])) =>
      verdictOf([table.put(await sign(signer, card))])
    expect(await heard(1)).toBe('accept')
    expect(await heard(1)).toBe('ignore')
    expect(await heard(1, cardOf(1, 'a', ['y'], { seq: 2 }))).toBe('accept')
    expect(await heard(1, cardOf(1, 'b', ['y']))).toBe('ignore')
    expect(await heard(2, cardOf(1, 'a', ['z'], { seq: 3 }))).toBe('reject')
  })

  it('passes several on for one that is news, and condemns them for one that is forged', () => {
    expect(verdictOf(['old', 'newer', 'full'])).toBe('accept')
    expect(verdictOf(['old', 'full'])).toBe('ignore')
    expect(verdictOf(['new', 'refused'])).toBe('reject')
  })

  it('says several in one message: each once, in order, as many as gossip takes', () => {
    const { card, gossip, cardsPerMessage } = WIRE_LIMITS
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 800 }), fc.integer({ min: 1, max: card })))
    const bytesOf = (cards: readonly SignedCard[]) => encodeMessage({ type: 'cards', cards: [...cards], more: false })
    const property = fc.property(sizes, bodies => {
      const cards = bodies.map(size => ({ body: new Uint8Array(size), signature: new Uint8Array(64) }))
      const messages = inMessages(cards)
      expect(messages.flat().every((each, nth) => each === cards[nth])).toBe(true)
      expect(messages.flat()).toHaveLength(cards.length)
      for (const [nth, some] of messages.entries()) {
        expect(some.length).toBeLessThanOrEqual(cardsPerMessage)
        expect(bytesOf(some).length).toBeLessThanOrEqual(gossip)
        const first = messages[nth + 1]?.[0]
        if (first === undefined || some.length === cardsPerMessage) continue
        // the next one would have come close to the bound, or passed it
        expect(bytesOf([...some, first]).length).toBeGreaterThan(gossip - 2_048)
      }
    })
    fc.assert(property)
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
