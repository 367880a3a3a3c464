/** Judging a question by its words, and how long to wait with the offer: with the real built-in embedder. */
import { LexicalEmbedder } from '@amp-mesh/discovery'
import { describe, expect, it } from 'vitest'
import { isOutbid, offerBySimilarity, offerDelay } from '../../../packages/agents/src/offering.ts'
import { keyOf, Story } from './story.ts'

const embedder = new LexicalEmbedder()
const judge = (query: string, capabilities: string[], examples: string[] = []) =>
  offerBySimilarity(
    { id: 'q', query },
    capabilities.map(text => ({ text, examples })),
    embedder,
  )

describe('offerBySimilarity', () => {
  it('offers what fits best, surer the better it fits', async () => {
    const loose = await judge('Who can help with: book travel to NYC?', [
      'translate legal contracts',
      'book flights and hotels',
    ])
    const close = await judge('Who can help with: book travel to NYC?', ['book travel'])
    expect(loose?.offer).toBe('book flights and hotels')
    expect(close?.confidence).toBeGreaterThan(loose?.confidence ?? 1)
    expect(close?.confidence).toBeLessThanOrEqual(1)
  })

  it('reads examples and the goal too', async () => {
    expect(await judge('a week in Rome', ['logistics'])).toBeUndefined()
    expect(await judge('a week in Rome', ['logistics'], ['a week in Rome'])).toMatchObject({
      confidence: 1,
      offer: 'logistics',
    })
    const question = { id: 'q', query: 'Can somebody help?', goal: 'translate a contract' }
    expect(await offerBySimilarity(question, [{ text: 'translate contracts' }], embedder)).toBeDefined()
  })

  it('does not offer what is beside the question', async () => {
    expect(await judge('Who can help with: book travel to NYC?', ['audit Solidity contracts'])).toBeUndefined()
  })
})

describe('waiting', () => {
  it('is for the less sure', () => {
    expect([1, 0.5, 0, 7, -1].map(confidence => offerDelay(confidence, 1_000))).toEqual([0, 300, 600, 0, 600])
  })

  it('counts offers of others only', () => {
    const story = new Story()
    for (let i = 0; i < 16; i++) story.offer('ann', 0.6)
    const self = { author: keyOf('ann'), agent: 'ann' }
    expect(isOutbid(0.5, story.records.of('capability_match'), self)).toBe(false)
  })
})
