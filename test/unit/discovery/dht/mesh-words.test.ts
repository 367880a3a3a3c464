/** How frequent words are in a mesh, told from the answers of the holders that were asked anyway. */
import { DISCOVERY_LIMITS, type SignedCard } from '@amp-mesh/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { MeshWords } from '../../../../packages/discovery/src/dht/mesh-words.ts'
import { type HeldCard, Holder, heldCard, keysOfRequest, stemsOf } from '../../../../packages/discovery/src/index.ts'
import { chance, hash32 } from '../../../simulation/discovery/chance.ts'
import { cardOf, MESH, TestClock } from '../mesh.ts'

const CARDS = 1_200
const HOLDERS = 60
const SIGNATURE = new Uint8Array(64)
/** The n-th is said n times more rarely than the first. */
const WORDS = 'zinc quartz falcon meadow violin harbor copper lantern maple orchid pebble river saddle thistle umber'
  .split(' ')
  .concat(
    'velvet walnut yarrow anchor bamboo cactus dahlia ember fjord glacier hazel iris jasmine kelp lotus'.split(' '),
  )
const REQUEST = 'zinc quartz violin yarrow cactus lotus'

const TOLD = { cards: 2_000, words: 34_000, saying: [400, 320, 160, 20, 16, 8], under: [360, 280, 152, 20, 16, 8] }

describe('the words of a mesh', () => {
  const truth = new Map<string, number>()
  let words: MeshWords
  let holders: Holder[]

  beforeAll(() => {
    const random = chance(3)
    const known = new Map<SignedCard, HeldCard>()
    const clock = new TestClock()
    holders = Array.from({ length: HOLDERS }, () => {
      return new Holder({
        ...{ mesh: MESH, clock, read: (signed: SignedCard) => known.get(signed), isNear: () => true },
        lotOf: agent => hash32(agent, 7) / 2 ** 32,
      })
    })
    for (let n = 0; n < CARDS; n++) {
      const said = WORDS.filter((_, at) => random() < 2 / (at + 2))
      // sixteen rare words each: the frequent ones are not always among a card's twelve heaviest
      const rare = Array.from({ length: 4 + (n % 16) }, (_, i) => `x${'abcdefghijklmnop'[i]}q${n % 97}`)
      const signed = { body: new Uint8Array(300), signature: SIGNATURE }
      const held = heldCard(cardOf(n % 50, `a${n}`, [[...said, ...rare].join(' ')]), signed)
      known.set(signed, held)
      for (const stem of stemsOf(said.join(' ')).keys()) truth.set(stem, (truth.get(stem) ?? 0) + 1)
      for (const key of held.features.keys)
        holders[hash32(key, 1) % HOLDERS]?.store(`${n}`, { type: 'index_store', cards: [signed], keys: [[key, [0]]] })
    }
    words = new MeshWords(stemsOf(REQUEST))
    for (const key of keysOfRequest(REQUEST)) {
      const answer = holders[hash32(key, 1) % HOLDERS]?.query('me', { type: 'index_query', key, text: REQUEST, k: 16 })
      if (answer?.type === 'index_cards') words.hear(key, answer.size, answer.words)
    }
  })

  it('are as frequent as they are in the cards, which no holder has all of', () => {
    const most = Math.max(...holders.map(({ entries }) => entries))
    expect(most).toBeLessThan(2 * CARDS)
    expect(words.cards / CARDS).toBeGreaterThan(0.6)
    expect(words.cards / CARDS).toBeLessThan(1.6)
    for (const [stem, { rarity }] of stemsOf(REQUEST)) {
      const share = words.cardsWith(stem, rarity) / words.cards
      const right = (truth.get(stem) ?? 0) / CARDS
      expect(Math.abs(Math.log(share / right)), `${stem}: ${share} for ${right}`).toBeLessThan(0.7)
    }
  })

  it('are not decided by one holder that boasts', () => {
    const own = new MeshWords(stemsOf(REQUEST))
    for (const key of keysOfRequest(REQUEST)) own.hear(key, 100, TOLD)
    const before = own.cardsWith('lotus', 7) / own.cards
    own.hear('lotus', 100, { cards: 1e12, words: 1e13, saying: [0, 0, 0, 0, 0, 1e12], under: [0, 0, 0, 0, 0, 1e12] })
    expect(own.cardsWith('lotus', 7) / own.cards).toBeLessThan(1)
    expect(own.cardsWith('lotus', 7)).toBeLessThan(3 * 100)
    expect(before).toBeGreaterThan(0)
    own.hear('zinc', 1, { cards: 3, words: 9, saying: [1], under: [] })
    expect(own.cardsWith('zinc', 3)).toBeGreaterThan(5)
  })

  it('are what several holders of a key agree on, where one alone would not be believed', () => {
    const own = new MeshWords(stemsOf(REQUEST))
    for (const key of keysOfRequest(REQUEST)) own.hear(key, key === 'lotus' ? 30 : 100, TOLD)
    expect(own.cardsWith('lotus', 7)).toBeLessThan(20)
    own.hear('lotus', 31, TOLD)
    expect(own.cardsWith('lotus', 7)).toBeGreaterThan(28)
    expect(own.cardsWith('lotus', 7)).toBeLessThan(40)
  })

  it('are what the holder says that the samples bear out, where two differ', () => {
    const own = new MeshWords(stemsOf(REQUEST))
    for (const key of keysOfRequest(REQUEST)) own.hear(key, key === 'zinc' ? 2 : 100, TOLD)
    const denied = own.cardsWith('zinc', 3)
    own.hear('zinc', 250, TOLD)
    expect(own.cardsWith('zinc', 3)).toBeGreaterThan(2 * denied)
    expect(own.cardsWith('zinc', 3)).toBeGreaterThan(240)
  })

  it('are counted alike in cards of few keys and of many', () => {
    const clock = new TestClock()
    const known = new Map<SignedCard, HeldCard>()
    const holder = new Holder({
      ...{ mesh: MESH, clock, read: (signed: SignedCard) => known.get(signed), isNear: () => true },
      lotOf: agent => hash32(agent, 7) / 2 ** 32,
    })
    // half of the cards have three keys, all of them say both words of the request
    for (let n = 0; n < 400; n++) {
      const more = Array.from({ length: n % 2 === 0 ? 1 : 10 }, (_, i) => `x${'abcdefghij'[i]}q${n}`)
      const signed = { body: new Uint8Array(300), signature: SIGNATURE }
      const held = heldCard(cardOf(n % 50, `b${n}`, [['zinc', 'quartz', ...more].join(' ')]), signed)
      known.set(signed, held)
      // one key of four is this holder's
      for (const key of held.features.keys)
        if (hash32(`${key}${n}`, 5) % 4 === 0)
          holder.store(`${n}`, { type: 'index_store', cards: [signed], keys: [[key, [0]]] })
    }
    const answer = holder.query('me', { type: 'index_query', key: 'zinc', text: 'zinc quartz', k: 16 })
    const told = answer.type === 'index_cards' ? answer.words : undefined
    const expected = (400 * DISCOVERY_LIMITS.keysPerCard) / 4
    expect((told?.cards ?? 0) / expected).toBeGreaterThan(0.8)
    expect((told?.cards ?? 0) / expected).toBeLessThan(1.2)
    expect(told?.saying).toEqual([told?.cards, told?.cards])
  })

  it('are said by nobody, where holders know no card under one and met none that says it', () => {
    const own = new MeshWords(stemsOf(REQUEST))
    for (const key of keysOfRequest(REQUEST))
      own.hear(key, key === 'lotus' ? 0 : 100, { ...TOLD, saying: [400, 320, 160, 20, 16, 0] })
    expect(own.cardsWith('lotus', 7)).toBe(0)
    own.hear('lotus', 0, TOLD)
    expect(own.cardsWith('lotus', 7)).toBeGreaterThan(0)
  })

  it('are those of the frozen table while nobody has answered', () => {
    const nothing = new MeshWords(stemsOf(REQUEST))
    expect(nothing.cards).toBe(0)
    nothing.found(10)
    expect(nothing.cardsWith('zinc', Math.log(5))).toBeCloseTo(2)
  })
})
