import type { AgentCard } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CardIndex, confidenceOf, LexicalEmbedder, rank } from '../../../packages/discovery/src/index.ts'
import { cardOf } from './mesh.ts'

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
  const index = new CardIndex({ embedder: new LexicalEmbedder() })
  for (const card of among) index.put(card)
  return index.search(await index.request(text), { limit: 10 })
}

describe('rank', () => {
  it.each([
    ['book a hotel in Rome', 'travel', 'Books flights, hotels and trains'],
    ['will it rain in Oslo? show the forecast', 'weather', 'Weather forecast for any city'],
    ['are there leaked credentials in our repository', 'secrets', undefined],
    ['how do I rotate a token', 'secrets', 'Explains how to rotate a leaked token'],
    ['which commits are unreleased', 'history', undefined],
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

  it('gives scores within 0..1 that fall along the ranking, in any order of candidates', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const evidence = fc.array(fc.record({ similarity: share, words: share }), { maxLength: 12 })
    const property = fc.property(evidence, fc.gen(), (candidates, generate) => {
      const shuffled = generate(fc.shuffledSubarray, candidates, { minLength: candidates.length })
      const ranked = rank(shuffled)
      for (const [place, { score }] of ranked.entries()) {
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(ranked[place - 1]?.score ?? 1)
      }
      expect(ranked[0]?.score).toBe(rank(candidates)[0]?.score)
    })
    fc.assert(property, { numRuns: 50 })
  })

  it('grows surer with both kinds of evidence', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const property = fc.property(share, share, share, (a, b, words) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      const sure = (similarity: number, words: number) => confidenceOf({ similarity, words })
      expect(sure(low, words)).toBeLessThanOrEqual(sure(high, words))
      expect(sure(words, low)).toBeLessThanOrEqual(sure(words, high))
      expect(sure(high, words)).toBeLessThanOrEqual(1)
    })
    fc.assert(property)
  })
})
