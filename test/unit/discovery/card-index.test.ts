import { type Embedder, toBase64url } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { CardIndex } from '../../../packages/discovery/src/index.ts'
import { cardOf } from './mesh.ts'

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

  it('takes vectors of its own space as they are; of another, or broken ones, it embeds the words', async () => {
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
