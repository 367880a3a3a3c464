import { type AgentCard, type Embedder, toBase64url } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CardIndex, LexicalEmbedder, type Request, type SearchOptions } from '../../../packages/discovery/src/index.ts'
import { SeededRandom } from '../../simulation/space.ts'
import { cardOf, directory, LIFE, sign, TestClock } from './mesh.ts'

/** Counts what it is asked for; fails while told to. */
class CountingEmbedder implements Embedder {
  readonly id = 'counting'
  readonly dimensions = 2
  readonly asked: string[] = []
  fails = false

  async embed(texts: readonly string[]) {
    if (this.fails) throw new Error('no embedding today')
    this.asked.push(...texts)
    return texts.map(() => Float32Array.of(0.6, 0.8))
  }
}

const lexical = new LexicalEmbedder()
const namesOf = (ranked: { card: AgentCard }[]) => ranked.map(({ card }) => card.agent.split('/').at(-1))

async function find(index: CardIndex, text: string, limit = 5) {
  return namesOf(await index.search(await index.request(text), { limit }))
}

describe('the card index', () => {
  it('embeds a card once, and again only when its words changed', async () => {
    const embedder = new CountingEmbedder()
    const index = new CardIndex({ embedder, cards: 2 })
    const [a, b] = [cardOf(1, 'a', ['one']), cardOf(1, 'b', ['two', 'three'], { description: 'both' })]
    index.put(a)
    index.put(b)
    await index.settle()
    expect(embedder.asked).toEqual(['a\n\none', 'b\nboth\ntwo\nthree', 'b\ntwo', 'b\nthree'])
    index.put({ ...a, seq: 2, issued: a.issued + 1, state: 'busy' })
    await index.settle()
    expect(embedder.asked).toHaveLength(4)
    const [first] = await index.search({ text: 'one', vector: Float32Array.of(1, 0) }, { limit: 1 })
    expect(first?.card.state).toBe('busy')
    const capability = { text: 'four', parameters: 'width', tags: ['figures'], examples: ['five'] }
    index.put({ ...a, capabilities: [capability], seq: 3 })
    await index.settle()
    expect(embedder.asked.slice(4)).toEqual(['a\n\nfour\fwidth\nfigures\nfive'])
  })

  it('is bounded: the oldest go', async () => {
    const index = new CardIndex({ embedder: lexical, cards: 2 })
    for (const name of ['a', 'b', 'c']) index.put(cardOf(1, name, ['translate']))
    expect(index.size).toBe(2)
    expect(new Set(await find(index, 'translate'))).toEqual(new Set(['b', 'c']))
  })

  it('gives a card of many capabilities few vectors, and still says which of them fits', async () => {
    const words = ['hotels', 'trains', 'invoices', 'weather', 'poems', 'secrets', 'contracts', 'soups', 'bugs']
    const capabilities = Array.from(
      { length: 63 },
      (_, i) => `handles ${words[i % 9]} of kind ${words[(i * 5 + 1) % 9]}`,
    )
    const index = new CardIndex({ embedder: lexical })
    index.put(cardOf(1, 'all', [...capabilities, 'brews coffee']))
    const [first] = await index.search(await index.request('who brews coffee'), { limit: 1 })
    expect(first?.capability).toBe('brews coffee')
    expect(index.vectorBytes).toBeLessThan(2 ** 21)
  })

  it('looks only among the agents it is told', async () => {
    const index = new CardIndex({ embedder: lexical })
    const cards = ['a', 'b', 'c'].map(name => cardOf(1, name, ['translate contracts']))
    for (const card of cards) index.put(card)
    const among = cards.slice(1).map(({ agent }) => agent)
    const request = await index.request('translate')
    expect(namesOf(await index.search(request, { limit: 9, among })).sort()).toEqual(['b', 'c'])
    const accept = ({ agent }: AgentCard) => agent === among[1]
    expect(namesOf(await index.search(request, { limit: 9, accept }))).toEqual(['c'])
    expect(await index.search(request, { limit: 9, among: ['amp://nobody/x'] })).toEqual([])
  })

  it('makes all vectors of chosen cards before it looks at them', async () => {
    const index = new CardIndex({ embedder: lexical })
    const cards = Array.from({ length: 200 }, (_, i) => cardOf(1, `a${i}`, ['translating contracts']))
    for (const card of cards) index.put(card)
    const request = { ...(await index.request('contractual translations')), text: '' }
    const among = cards.map(({ agent }) => agent)
    expect(await index.search(request, { limit: 300, among })).toHaveLength(200)
  })

  it('follows a directory', async () => {
    const clock = new TestClock()
    const own = directory(clock)
    own.put(await sign(1, cardOf(1, 'a', ['translate'])))
    const index = new CardIndex({ embedder: lexical })
    const stop = index.follow(own)
    own.put(await sign(2, cardOf(2, 'b', ['translate'], { expires: cardOf(2, 'b', []).issued + LIFE / 2 })))
    expect(await find(index, 'translate')).toEqual(['a', 'b'])
    await clock.advance(LIFE / 2)
    expect(own.size).toBe(1)
    expect(await find(index, 'translate')).toEqual(['a'])
    stop()
    own.put(await sign(3, cardOf(3, 'c', ['translate'])))
    expect(index.size).toBe(1)
  })

  it('finds by words while the embedder fails, and goes on with it later', async () => {
    const embedder = new CountingEmbedder()
    const troubles: unknown[] = []
    const index = new CardIndex({ embedder, onTrouble: error => troubles.push(error) })
    embedder.fails = true
    index.put(cardOf(1, 'a', ['translate contracts']))
    expect(await find(index, 'a contract')).toEqual(['a'])
    expect(troubles).toHaveLength(2) // the request, the card
    await expect(index.settle()).rejects.toThrow('no embedding today')
    embedder.fails = false
    const [first] = await index.search(await index.request('a contract'), { limit: 1 })
    expect(first?.similarity).toBeCloseTo(1, 2)
    const stopped = AbortSignal.abort(new Error('enough'))
    embedder.fails = true
    await expect(index.request('a contract', stopped)).rejects.toThrow('enough')
  })

  it('[G1.vectors] takes vectors that come with a card for hints, and proves them before it gives it', async () => {
    const embedder = new CountingEmbedder()
    const index = new CardIndex({ embedder })
    const row = (...numbers: number[]) => toBase64url(Uint8Array.from(numbers, number => number & 255))
    const bring = (name: string, space: string, ...data: string[]) =>
      index.put(cardOf(1, name, ['one'], { vectors: { space, data } }))
    bring('near', 'counting', row(76, 102))
    bring('liar', 'counting', row(127, 0))
    bring('far', 'counting', row(-127, 0))
    for (const [i, data] of [['not base64url!'], [row(1)], [], [row(1, 2), row(3, 4)]].entries())
      bring(`broken-${i}`, 'counting', ...data)
    bring('foreign', 'another', row(127, 0))
    await index.settle()
    expect(embedder.asked).toHaveLength(5) // broken or foreign: made from the words
    const request = { text: '', vector: Float32Array.of(1, 0) }
    const [first] = await index.search(request, { limit: 1 })
    expect(first?.similarity).toBeCloseTo(0.6, 2) // as its words say
    expect(embedder.asked).toContain('liar\n\none')
    expect(embedder.asked).not.toContain('far\n\none')
    for (let i = 0; i < 40; i++) bring(`liars-${i}`, 'counting', row(127, 0))
    for (const { similarity } of await index.search(request, { limit: 2 })) expect(similarity).toBeCloseTo(0.6, 2)
    expect(embedder.asked.length).toBeLessThan(20)
  })

  it('finds the same whatever came and went before', async () => {
    const words = ['hotel', 'train', 'invoice', 'weather', 'poem', 'secret', 'contract', 'soup']
    const sentence = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 5 }).map(list => list.join(' '))
    const step = fc.record({ agent: fc.integer({ min: 0, max: 9 }), text: fc.option(sentence), asks: fc.boolean() })
    const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), sentence, async (steps, request) => {
      const lived = new CardIndex({ embedder: lexical })
      const left = new Map<number, AgentCard>()
      for (const { agent, text, asks } of steps) {
        const card = cardOf(agent, `a${agent}`, [text ?? ''])
        left.delete(agent)
        if (text !== null) left.set(agent, card)
        if (text === null) lived.remove(card.agent)
        else lived.put(card)
        if (asks) await find(lived, request)
      }
      const fresh = new CardIndex({ embedder: lexical })
      for (const card of left.values()) fresh.put(card)
      const scores = async (index: CardIndex) => {
        const ranked = await index.search(await index.request(request), { limit: 20 })
        return new Map(ranked.map(({ card, similarity, words }) => [card.agent, [similarity, words.toFixed(5)]]))
      }
      expect(lived.size).toBe(left.size)
      expect(await scores(lived)).toEqual(await scores(fresh))
    })
    await fc.assert(property, { numRuns: 40 })
  })

  it('gives what looking at every card would give', async () => {
    const random = new SeededRandom(4)
    const words = 'hotel train invoice weather poem secret contract soup translate book list plan fast cheap'.split(' ')
    const sentence = (count: number) => Array.from({ length: count }, () => random.pick(words)).join(' ')
    const index = new CardIndex({ embedder: lexical })
    const cards = Array.from({ length: 600 }, (_, n) => cardOf(n % 40, `a${n}`, [sentence(9), sentence(5)]))
    for (const card of cards) index.put(card)
    await index.settle()
    const among = cards.map(({ agent }) => agent)
    const scores = async (text: string, request: Partial<Request>, options: Partial<SearchOptions>) => {
      const ranked = await index.search({ ...(await index.request(text)), ...request }, { limit: 10, ...options })
      return ranked.map(({ score }) => score)
    }
    for (let n = 0; n < 20; n++) {
      const text = sentence(4)
      expect(await scores(text, {}, {})).toEqual(await scores(text, {}, { among }))
      expect(await scores(text, { text: '' }, {})).toEqual(await scores(text, { text: '' }, { among }))
    }
    expect(await scores('nothing of the kind: xyzzy', {}, {})).toEqual(
      await scores('nothing of the kind: xyzzy', {}, { among }),
    )
  })
})
