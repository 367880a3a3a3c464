/** Cards that publishers bring along: a holder counts words by them, within bounds, and for a while. */
import type { PeerId, SignedCard } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type HeldCard, Holder, heldCard } from '../../../../packages/discovery/src/index.ts'
import { hash32 } from '../../../simulation/discovery/chance.ts'
import { cardOf, LIFE, MESH, TestClock } from '../mesh.ts'

/** More make a sample of their own. */
const ENOUGH = 256
const MOST = 2_048
const OF_ONE_PEER = 64

/** A holder of three cards about zinc, to whom other cards are brought. */
function holder() {
  const clock = new TestClock()
  const known = new Map<SignedCard, HeldCard>()
  const made = new Holder({
    ...{ mesh: MESH, clock, read: (signed: SignedCard) => known.get(signed), isNear: () => true },
    lotOf: agent => hash32(agent, 7) / 2 ** 32,
  })
  let cards = 0
  const card = (text: string) => {
    const signed = { body: new Uint8Array(300), signature: new Uint8Array(64) }
    known.set(signed, heldCard(cardOf(1, `a${cards++}`, [text]), signed))
    return signed
  }
  const bringAgain = (from: PeerId, signed: SignedCard) => {
    made.store(from, { type: 'index_store', cards: [signed], keys: [] })
    return signed
  }
  const bring = (from: PeerId, text: string) => bringAgain(from, card(text))
  const count = () => {
    const answer = made.query('me', { type: 'index_query', key: 'zinc', text: 'zinc quartz', k: 16 })
    return answer.type === 'index_cards' ? answer.words : undefined
  }
  made.store('first', {
    type: 'index_store',
    cards: [1, 2, 3].map(n => card(`zinc number${n}`)),
    keys: [['zinc', [0, 1, 2]]],
  })
  return { clock, holder: made, bring, bringAgain, count }
}

describe('cards brought along', () => {
  it('are counted, and found under no key', () => {
    const { holder: made, bring, count } = holder()
    for (let n = 0; n < ENOUGH; n++) bring(`peer ${n}`, n % 4 === 0 ? `quartz number${n}` : `falcon number${n}`)
    expect(made.entries).toBe(3)
    expect(count()).toMatchObject({ cards: ENOUGH, saying: [0, ENOUGH / 4], under: [0, ENOUGH / 4] })
    expect(made.brought()).toHaveLength(ENOUGH)
  })

  it('give way to those that are held, while they are few', () => {
    const { bring, count } = holder()
    for (let n = 0; n < ENOUGH - 1; n++) bring(`peer ${n}`, `quartz number${n}`)
    expect(count()?.saying[1]).toBe(0)
  })

  it('are bounded: of each peer, and in all', () => {
    const { holder: made, bring, count } = holder()
    for (let n = 0; n < 10 * MOST; n++) bring('flood', `quartz number${n}`)
    expect(made.brought()).toHaveLength(OF_ONE_PEER)
    for (let n = 0; n < MOST; n++) bring(`peer ${n % 100}`, `falcon number${n}`)
    expect(made.brought().length).toBeLessThanOrEqual(MOST)
    expect((count()?.saying[1] ?? 0) / (count()?.cards ?? 1)).toBeLessThan(0.05)
  })

  it('stay, whoever brings them again that may bring no more', () => {
    const { holder: made, bring, bringAgain } = holder()
    const honest = bring('somebody', 'quartz')
    for (let n = 0; n < OF_ONE_PEER; n++) bring('flood', `falcon number${n}`)
    bringAgain('flood', honest)
    expect(made.brought()).toContain(honest)
  })

  it('are forgotten when they expire', async () => {
    const { clock, holder: made, bring } = holder()
    bring('somebody', 'quartz')
    await clock.advance(LIFE)
    expect(made.brought()).toEqual([])
  })
})
