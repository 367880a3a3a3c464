import { type AgentCard, type Embedder, toBase64url } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CardIndex,
  confidenceOf,
  cosine,
  LexicalEmbedder,
  nearest,
  rank,
} from '../../../packages/discovery/src/index.ts'
import { cardOf } from './mesh.ts'

const embedder = new LexicalEmbedder()
const cards = [
  cardOf(1, 'history', ['Reads the commits of a git repository: churn, bus factor, unreleased changes']),
  cardOf(2, 'secrets', [
    'Finds passwords and credentials committed to a repository',
    'Explains how to rotate a leaked token',
  ]),
  cardOf(3, 'travel', ['Books flights, hotels and trains']),
  cardOf(4, 'weather', ['Weather forecast for any city']),
]

async function ranking(text: string, among: AgentCard[] = cards) {
  const index = new CardIndex(embedder)
  return rank({ text, vector: embedder.embedText(text) }, await index.index(among))
}

describe('rank', () => {
  it.each([
    ['book a hotel in Rome', 'travel', 'Books flights, hotels and trains'],
    ['will it rain in Oslo? show the forecast', 'weather', 'Weather forecast for any city'],
    ['are there leaked credentials in our repository', 'secrets', undefined],
    ['how do I rotate a token', 'secrets', 'Explains how to rotate a leaked token'],
    ['who knows the commits best', 'history', undefined],
  ])('puts for %j the agent %s first', async (text, name, capability) => {
    const [first, second] = await ranking(text)
    expect(first?.card.agent).toMatch(new RegExp(`/${name}$`))
    if (capability !== undefined) expect(first?.capability).toBe(capability)
    expect(first?.score).toBeGreaterThan(0.3)
    expect(second?.score ?? 0).toBeLessThanOrEqual(first?.score ?? 0)
  })

  it('is not sure of cards that share nothing with the request', async () => {
    // features that fall into one slot by chance
    for (const { score } of await ranking('zzyzx qwfpgj')) expect(score).toBeLessThan(0.1)
    expect(await ranking('the of and')).toEqual([])
    expect(await ranking('anything', [])).toEqual([])
  })

  it('gives scores within 0..1 that fall along the ranking, in any order of cards', async () => {
    const indexed = await new CardIndex(embedder).index(cards)
    const text = 'a repository with a leaked token, hotels and the weather'
    const request = { text, vector: embedder.embedText(text) }
    const expected = rank(request, indexed).map(({ card, score }) => [card.agent, score])
    const property = fc.property(fc.shuffledSubarray(indexed, { minLength: 4 }), order => {
      const ranked = rank(request, order)
      for (const [place, { score }] of ranked.entries()) {
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(ranked[place - 1]?.score ?? 1)
      }
      expect(new Set(ranked.map(({ card }) => card.agent))).toEqual(new Set(expected.map(([agent]) => agent)))
      expect(ranked[0]?.card.agent).toBe(expected[0]?.[0])
    })
    fc.assert(property, { numRuns: 20 })
  })

  it('grows surer with both kinds of evidence', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const property = fc.property(share, share, share, (a, b, words) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      expect(confidenceOf(low, words)).toBeLessThanOrEqual(confidenceOf(high, words))
      expect(confidenceOf(words, low)).toBeLessThanOrEqual(confidenceOf(words, high))
      expect(confidenceOf(high, words)).toBeLessThanOrEqual(1)
    })
    fc.assert(property)
    expect(confidenceOf(-1, 0)).toBe(0)
  })
})

describe('the card index', () => {
  /** Counts what it is asked for. */
  class CountingEmbedder implements Embedder {
    readonly id = 'counting'
    readonly dimensions = 2
    readonly asked: string[] = []

    async embed(texts: readonly string[]) {
      this.asked.push(...texts)
      return texts.map(() => Float32Array.of(0.6, 0.8))
    }
  }

  it('embeds a card once, again when it changed, and forgets the longest unused', async () => {
    const counting = new CountingEmbedder()
    const index = new CardIndex(counting, 2)
    const [a, b, c] = [cardOf(1, 'a', ['one']), cardOf(1, 'b', ['two']), cardOf(1, 'c', ['three'])]
    await index.index([a, b])
    await index.index([a, b])
    expect(counting.asked).toEqual(['a\n\none', 'one', 'b\n\ntwo', 'two'])
    await index.index([{ ...a, capabilities: [{ text: 'four', examples: ['five'] }], seq: 2 }])
    expect(counting.asked.slice(4)).toEqual(['a\n\nfour', 'four', 'five'])
    await index.index([c])
    await index.index([b])
    expect(counting.asked.slice(7)).toEqual(['c\n\nthree', 'three', 'b\n\ntwo', 'two'])
  })

  it('takes vectors of its own space as they are, and embeds the words where they are of another, or broken', async () => {
    const counting = new CountingEmbedder()
    const index = new CardIndex(counting)
    const data = [toBase64url(Uint8Array.of(127, 256 - 127))]
    const vectors = [
      { space: 'counting', data },
      { space: 'another', data },
      { space: 'counting', data: ['not base64url!'] },
      { space: 'counting', data: [toBase64url(Uint8Array.of(1))] },
      { space: 'counting', data: [] },
    ]
    const indexed = await index.index(vectors.map((own, i) => cardOf(1, `a${i}`, ['one'], { vectors: own })))
    expect(indexed.map(({ rows }) => rows.length)).toEqual([1, 2, 2, 2, 2])
    expect([...(indexed[0]?.rows[0]?.vector ?? [])]).toEqual([127, -127])
    expect(counting.asked).toHaveLength(8)
  })
})

describe('similarity', () => {
  it('says what is said already', () => {
    const said = ['The lock file pins every dependency', 'There is no changelog'].map(text => embedder.embedText(text))
    const again = nearest(embedder.embedText('every dependency is pinned by the lock file'), said)
    expect(again?.index).toBe(0)
    expect(again?.similarity).toBeGreaterThan(0.7)
    expect(nearest(embedder.embedText('tests are skipped'), said)?.similarity).toBeLessThan(0.2)
    expect(nearest(embedder.embedText('anything'), [])).toBeUndefined()
  })

  it('never compares vectors of two lengths, and nothing is like nothing', () => {
    expect(() => cosine([1], [1, 2])).toThrow(RangeError)
    expect(cosine([0, 0], [1, 2])).toBe(0)
    expect(cosine([3, 4], [3, 4])).toBeCloseTo(1, 12)
  })
})
