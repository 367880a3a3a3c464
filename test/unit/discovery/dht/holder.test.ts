/** A holder at its door: floods, stuffed words, forgeries and old cards; its bounds hold, and honest cards stay. */
import {
  AGENT_LIMITS,
  type AgentCard,
  DISCOVERY_LIMITS,
  type Message,
  type PeerId,
  type SignedCard,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Bucket } from '../../../../packages/discovery/src/dht/bucket.ts'
import { CardReader, type HeldCard, Holder, heldCard } from '../../../../packages/discovery/src/index.ts'
import { hash32 } from '../../../simulation/discovery/chance.ts'
import { verifyOnce } from '../../../simulation/space.ts'
import { cardOf, LIFE, MESH, NOW, peerId, sign, TestClock } from '../mesh.ts'

const lotOf = (agent: string) => hash32(agent, 7) / 2 ** 32

function holder(read?: (signed: SignedCard) => HeldCard | undefined) {
  const clock = new TestClock()
  const reader = new CardReader({ mesh: MESH, verify: verifyOnce, clock })
  const made = new Holder({ mesh: MESH, clock, read: read ?? (card => reader.read(card)), isNear: () => true, lotOf })
  const store = (cards: SignedCard[], keys: [string, number[]][], from = 'somebody', lifeMs?: number) =>
    made.store(from, { type: 'index_store', cards, keys, ...(lifeMs !== undefined && { lifeMs }) })
  const query = (key: string, text: string, from = 'somebody') =>
    made.query(from, { type: 'index_query', key, text, k: 16 })
  return { clock, holder: made, store, query }
}

const sizesOf = (answer: Message) => (answer.type === 'index_stored' ? answer.sizes : answer.type)
const countOf = (answer: Message) => (answer.type === 'index_cards' ? answer.cards.length : answer.type)
const SIGNATURE = new Uint8Array(64)

/** Cards that are taken for signed: a hundred thousand signatures would take a minute and show nothing more. */
class Unsigned {
  readonly #cards = new Map<SignedCard, HeldCard>()

  card(publisher: PeerId, name: string, text: string, more: Partial<AgentCard> = {}): SignedCard {
    const signed = { body: new Uint8Array(500), signature: SIGNATURE }
    const card = cardOf(1, name, [text], { agent: `amp://${publisher}/${name}`, ...more })
    this.#cards.set(signed, heldCard(card, signed))
    return signed
  }

  note(signed: SignedCard, card: HeldCard): void {
    this.#cards.set(signed, { ...card, signed })
  }

  readonly read = (signed: SignedCard): HeldCard | undefined => this.#cards.get(signed)
}

const held = (publisher: PeerId, n: number, seq = 1, expires = NOW + LIFE): HeldCard => ({
  agent: `amp://${publisher}/a${n}`,
  publisher,
  seq,
  expires,
  isOpen: true,
  signed: { body: new Uint8Array(1), signature: SIGNATURE },
  features: {
    keys: [],
    stems: new Uint32Array(),
    counts: new Uint8Array(),
    length: 0,
    vector: new Int8Array(),
    norm: 0,
  },
})

describe('a holder', () => {
  it('takes signed cards under their own words, and gives those that fit best', async () => {
    const { store, query } = holder()
    const cards = await Promise.all([
      sign(1, cardOf(1, 'hotels', ['Books hotels in any city'])),
      sign(2, cardOf(2, 'inns', ['Books hotels and inns at the sea'])),
    ])
    expect(
      sizesOf(
        store(cards, [
          ['hotel', [0, 1]],
          ['sea', [1]],
        ]),
      ),
    ).toEqual([2, 1])
    const answer = query('hotel', 'a hotel at the sea')
    expect(answer).toMatchObject({ type: 'index_cards', size: 2 })
    expect(answer.type === 'index_cards' && answer.cards[0]).toBe(cards[1])
    expect(query('weather', 'rain')).toEqual({ type: 'index_cards', size: 0, cards: [] })
  })

  it('refuses words that a card does not say, and numbers without a card', async () => {
    const { store, holder: made } = holder()
    const card = await sign(1, cardOf(1, 'hotels', ['Books hotels in any city']))
    expect(
      sizesOf(
        store(
          [card],
          [
            ['weather', [0]],
            ['hotel', [1]],
            ['#model/1/3', [0]],
          ],
        ),
      ),
    ).toEqual([0, 0, 0])
    expect(made.entries).toBe(0)
  })

  it('lets nobody stuff a card with words: only the twelve heaviest count', async () => {
    const { store } = holder()
    const words = Array.from(
      { length: 60 },
      (_, i) => `${String.fromCharCode(97 + (i % 26)).repeat(3)}word${'x'.repeat(i % 7)}q`,
    )
    const text = `hotels ${words.join(' ')}`.slice(0, AGENT_LIMITS.capabilityLength)
    const stuffed = await sign(1, cardOf(1, 'stuffed', [text]))
    const taken = sizesOf(
      store(
        [stuffed],
        [...new Set(text.split(' '))].map(word => [word, [0]]),
      ),
    )
    expect((taken as number[]).filter(size => size > 0).length).toBeLessThanOrEqual(DISCOVERY_LIMITS.keysPerCard)
  })

  it('takes no forged, foreign, expired, future, too large or too long-lived card', async () => {
    const { store, holder: made } = holder()
    const good = cardOf(1, 'hotels', ['Books hotels'])
    const bad = await Promise.all([
      sign(2, good),
      sign(1, { ...good, mesh: 'A'.repeat(43) }),
      sign(1, { ...good, issued: NOW - 2 * LIFE, expires: NOW - 1 }),
      sign(1, { ...good, issued: NOW + LIFE, expires: NOW + 2 * LIFE }),
      sign(1, { ...good, expires: NOW + 3 * LIFE }),
      sign(1, {
        ...good,
        capabilities: Array.from({ length: 64 }, () => ({ text: `Books hotels ${'x'.repeat(400)}` })),
      }),
    ])
    expect(bad[5]?.body.length).toBeGreaterThan(WIRE_LIMITS.card)
    expect(sizesOf(store(bad, [['hotel', bad.map((_, i) => i)]]))).toEqual([0])
    expect(made.entries).toBe(0)
  })

  it('keeps the later of two cards, whatever order they come in, and an agent that is gone stays gone', async () => {
    const card = cardOf(1, 'hotels', ['Books hotels'])
    const [old, gone] = await Promise.all([sign(1, card), sign(1, { ...card, seq: 2, state: 'gone' })])
    for (const order of [
      [old, gone],
      [gone, old],
    ]) {
      const { store, query } = holder()
      for (const one of order) store([one], [['hotel', [0]]])
      expect(countOf(query('hotel', 'hotel'))).toBe(0)
    }
  })

  it('forgets what expires, and copies before', async () => {
    const { clock, store, query, holder: made } = holder()
    const card = await sign(1, cardOf(1, 'hotels', ['Books hotels']))
    store([card], [['hotel', [0]]], 'somebody', 60_000)
    await clock.advance(59_000)
    expect(countOf(query('hotel', 'hotel'))).toBe(1)
    await clock.advance(2_000)
    expect(countOf(query('hotel', 'hotel'))).toBe(0)
    store([card], [['hotel', [0]]])
    await clock.advance(LIFE)
    made.sweep()
    expect([made.entries, made.buckets]).toEqual([0, 0])
  })

  it('keeps a flood of one publisher within its quota: honest cards stay findable', () => {
    const unsigned = new Unsigned()
    const { store, query, holder: made } = holder(unsigned.read)
    const honest = Array.from({ length: 40 }, (_, i) => unsigned.card(peerId(i + 2), `h${i}`, 'Books hotels'))
    for (const [i, card] of honest.entries()) store([card], [['hotel', [0]]], `peer ${i}`)
    const template = unsigned.read(unsigned.card(peerId(1), 'flood', 'hotels hotels hotels')) as HeldCard
    for (let n = 0; n < 100_000; n += WIRE_LIMITS.cardsInStore) {
      const cards = Array.from({ length: WIRE_LIMITS.cardsInStore }, () => ({ ...template.signed }))
      for (const [i, card] of cards.entries())
        unsigned.note(card, { ...template, agent: `amp://${peerId(1)}/f${n + i}` })
      // helped by others, for one neighbour alone would be told that we are busy
      store(cards, [['hotel', [...cards.keys()]]], `accomplice ${n}`)
    }
    expect(made.entries).toBe(honest.length + DISCOVERY_LIMITS.publisherCards)
    expect(query('hotel', 'books')).toMatchObject({ size: honest.length + DISCOVERY_LIMITS.publisherCards })
  })

  it('answers whoever asks too much, or stores too much, that it is busy', () => {
    const unsigned = new Unsigned()
    const { clock, store, query } = holder(unsigned.read)
    const answers = Array.from({ length: 600 }, () => query('hotel', 'hotel', 'greedy').type)
    expect(answers.filter(type => type === 'busy').length).toBeGreaterThan(50)
    expect(query('hotel', 'hotel', 'modest').type).toBe('index_cards')
    const card = unsigned.card(peerId(1), 'x', 'hotels')
    const stores = Array.from({ length: 100 }, () => store(Array(64).fill(card), [['hotel', [0]]], 'greedy').type)
    expect(stores).toContain('busy')
    return clock.advance(60_000).then(() => expect(query('hotel', 'hotel', 'greedy').type).toBe('index_cards'))
  })

  it('hands over what a newcomer is closer to, once, and never what is not its', () => {
    const unsigned = new Unsigned()
    const { store, holder: made } = holder(unsigned.read)
    store([unsigned.card(peerId(2), 'h', 'hotels')], [['hotel', [0]]])
    const newcomers = new Set(['new', 'newer', 'newest'])
    const due = (...nearest: PeerId[]) =>
      [...made.dueTo(newcomers, () => nearest, 'me')].flatMap(([peers, [key, cards]]) => {
        expect([key, cards.length]).toEqual(['hotel', peers.length === 0 ? 0 : 1])
        return peers
      })
    expect(due('new', 'me', 'other')).toEqual(['new'])
    expect(due('me', 'other', 'new')).toEqual(['new'])
    expect(due('other', 'me', 'new')).toEqual([]) // the other one gives it
    expect(due('me', 'other', 'third', 'new')).toEqual([])
    expect(due('new', 'me', 'newer', 'newest')).toEqual(['new', 'newer'])
    expect(due('new', 'newer', 'newest', 'me')).toEqual(['new', 'newer', 'newest'])
  })
})

describe('a bucket', () => {
  const { bucketCards, publisherCards } = DISCOVERY_LIMITS
  afterEach(() => void Object.assign(DISCOVERY_LIMITS, { bucketCards, publisherCards }))

  it('stays within its bounds whatever comes, and keeps publishers that say little', () => {
    Object.assign(DISCOVERY_LIMITS, { bucketCards: 12, publisherCards: 4 })
    const card = fc.record({ publisher: fc.nat(5), n: fc.nat(20), seq: fc.integer({ min: 1, max: 3 }) })
    fc.assert(
      fc.property(fc.array(card, { maxLength: 120 }), cards => {
        const bucket = new Bucket()
        const agents = new Map<string, number>()
        for (const { publisher, n, seq } of cards) {
          const one = held(peerId(publisher + 1), n, seq)
          bucket.put(one, lotOf(one.agent), NOW)
          agents.set(one.agent, Math.max(seq, agents.get(one.agent) ?? 0))
        }
        const kept = bucket.cards(NOW)
        expect(kept.length).toBeLessThanOrEqual(12)
        const of = (publisher: PeerId) => kept.filter(each => each.publisher === publisher).length
        for (let publisher = 1; publisher <= 6; publisher++) expect(of(peerId(publisher))).toBeLessThanOrEqual(4)
        expect(new Set(kept.map(({ agent }) => agent)).size).toBe(kept.length)
      }),
    )
  })

  it.each(['as they come', 'by lot'])('counts what it was offered beyond its bound (%s)', order => {
    Object.assign(DISCOVERY_LIMITS, { bucketCards: 256 })
    const bucket = new Bucket()
    const offered = Array.from({ length: 4_000 }, (_, n) => held(`publisher ${n}`, n))
    // by lot, all beyond the bound are refused at the door
    if (order === 'by lot') offered.sort((a, b) => lotOf(a.agent) - lotOf(b.agent))
    for (const one of offered) bucket.put(one, lotOf(one.agent), NOW)
    expect(bucket.size).toBe(256)
    expect(Math.abs(bucket.total(NOW) - 4_000)).toBeLessThan(1_600)
  })
})
