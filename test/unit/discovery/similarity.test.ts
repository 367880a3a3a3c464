import { describe, expect, it } from 'vitest'
import { cosine, LexicalEmbedder, nearest } from '../../../packages/discovery/src/index.ts'

const embedder = new LexicalEmbedder()

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
