import { fromUtf8, sha256, toBase64url, utf8 } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ln, ONE, ratio, root } from '../../../packages/discovery/src/fixed-point.ts'
import { keysOfCard, keysOfRequest, stemsOf, tokenize, wordKey } from '../../../packages/discovery/src/index.ts'
import { stem } from '../../../packages/discovery/src/stem.ts'
import { conceptsOf, rarityOf, weightOf } from '../../../packages/discovery/src/word-weights.ts'
import { cardOf, MESH } from './mesh.ts'

describe('tokenize', () => {
  it.each([
    ['getUserName', ['get', 'user', 'name']],
    ['parse_HTTPResponse2xx', ['parse', 'http', 'response', '2', 'xx']],
    ['ﬁle Ｎａｍｅ', ['file', 'name']],
    ['Prüft Verträge', ['prüft', 'verträge']],
    ['天气API', ['天', '气', 'api']],
    ['', []],
  ])('takes %j apart', (text, words) => {
    expect(tokenize(text)).toEqual(words)
  })

  it('bounds words and their number', () => {
    expect(tokenize('x'.repeat(1_000))).toEqual(['x'.repeat(48)])
    expect(tokenize('word '.repeat(9_000))).toHaveLength(4_096)
  })
})

describe('stem', () => {
  it.each([
    ['calculate', 'calculation'],
    ['running', 'run'],
    ['translates', 'translation'],
    ['dependencies', 'dependency'],
    ['organize', 'organization'],
  ])('folds %j and %j', (a, b) => {
    expect(stem(a)).toBe(stem(b))
  })

  it('leaves other scripts and short words alone', () => {
    for (const word of ['verträge', '天', 'api', '2024', 'bus']) expect(stem(word)).toBe(word)
  })
})

describe('word weights', () => {
  it('follow what a word says', () => {
    expect(weightOf('the')).toBe(0)
    expect(weightOf('kubernetes')).toBeGreaterThan(weightOf('code'))
    expect(weightOf('please')).toBeLessThan(weightOf('list'))
    expect(weightOf('xylophonist')).toBe(ONE)
    expect(weightOf('42')).toBe(ratio(2 * ONE, 5))
    expect(weightOf('und')).toBe(ratio(ONE, 10))
    expect(weightOf('constructor')).toBeGreaterThan(0)
    expect(rarityOf('xylophonist')).toBeGreaterThan(rarityOf('data'))
    expect(conceptsOf(stem('flights'))).toEqual(conceptsOf(stem('airplane')))
  })
})

describe('fixed point', () => {
  it('takes roots exactly and logarithms closely', () => {
    const property = fc.property(
      fc.integer({ min: 0, max: 2 ** 50 }),
      fc.integer({ min: ONE, max: 2 ** 30 }),
      (n, v) => {
        expect(root(n) ** 2).toBeLessThanOrEqual(n)
        expect((root(n) + 1) ** 2).toBeGreaterThan(n)
        expect(Math.abs(ln(v) - ONE * Math.log(v / ONE))).toBeLessThan(8)
      },
    )
    fc.assert(property)
    expect([ln(ONE), ln(2 * ONE), ratio(5, 2), ratio(7, 3)]).toEqual([0, 710, 3, 2])
  })
})

describe('word keys', () => {
  const card = cardOf(1, 'secrets', [
    'Finds secrets and credentials committed to a git repository, with file and line of each of them',
    'Explains how a leaked password or token should be rotated by its owner within the hour',
  ])

  it('of a card are its 12 heaviest stems', () => {
    const keys = keysOfCard(card)
    expect(keys).toHaveLength(12)
    expect(new Set(keys).size).toBe(12)
    expect(keys).toContain(stem('secrets'))
    expect(keys).not.toContain('the')
    expect(keys.indexOf(stem('secrets'))).toBe(0) // twice, and the name
  })

  it('of a request come in order of worth', () => {
    const keys = keysOfRequest('Please return 3 leaked credentials of xyzzy, credentials first')
    expect(keys[0]).toBe(stem('credentials')) // repeated and in a concept group
    expect(keys.indexOf(stem('leaked'))).toBeLessThan(keys.indexOf(stem('please')))
    expect(keys.at(-1)).toBe('3')
    expect(keysOfRequest('the of and')).toEqual([])
    // rarer, but in no concept group
    expect(keysOfRequest('structured weather')).toEqual(['weather', 'structured'].map(stem))
  })

  it('count repetitions and forms together', () => {
    expect(stemsOf('translates, translated: Translation')).toMatchObject(new Map([[stem('translate'), { count: 3 }]]))
  })

  it('are hashes of mesh and stem', () => {
    const text = `amp-mesh/${MESH.slice(0, 12)}/word/secret`
    expect(toBase64url(wordKey(MESH, 'secret'))).toBe(toBase64url(sha256(utf8(text))))
    expect(fromUtf8(utf8(text))).toBe(text)
    expect(wordKey(MESH, 'secret')).toHaveLength(32)
  })
})
