/** Subjects: patterns, what is remembered, and publications between real peers. */
import { type Json, SUBJECT_LIMITS, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { Board } from '../../../../packages/peer/src/subjects/board.ts'
import { isPattern, isSubject, matcherOf } from '../../../../packages/peer/src/subjects/subject.ts'
import type { Subscription } from '../../../../packages/peer/src/subjects/subscription.ts'
import { until } from '../../../until.ts'
import { twoPeers } from '../delivery/two-peers.ts'

describe('subjects', () => {
  it.each([
    ['news', 'news', true],
    ['news', 'news.weather', false],
    ['news.*', 'news.weather', true],
    ['news.*', 'news', false],
    ['news.*', 'news.weather.nyc', false],
    ['*.weather', 'news.weather', true],
    ['news.>', 'news.weather.nyc', true],
    ['news.>', 'news', false],
    ['>', 'anything.at.all', true],
    ['news.*.nyc', 'news.weather.nyc', true],
  ])('%s and %s: %s', (pattern, subject, fits) => expect(matcherOf(pattern)(subject)).toBe(fits))

  it.each(['', '.', 'a..b', 'a b', 'news.', 'é', 'a.*', 'a.>', 'a'.repeat(257)])('%j is no subject', text =>
    expect(isSubject(text)).toBe(false),
  )
  it.each(['>.a', 'a.**', 'a.>b', 'a*.b'])('%s is no pattern', text => expect(isPattern(text)).toBe(false))
})

describe('the board', () => {
  const publication = (n: number, subject: string, bytes = 1) => ({
    ...{ id: `id-${n}`, time: n, subject, pub: 'x', body: new Uint8Array(bytes), signature: utf8('') },
  })

  it('remembers the last of each subject, and nothing twice', () => {
    const board = new Board()
    for (let n = 0; n < 300; n++) expect(board.add(publication(n, 'news'))).toBe(true)
    expect(board.add(publication(299, 'news'))).toBe(false)
    expect(board.last(() => true, 1_000).map(({ time }) => time)).toEqual(Array.from({ length: 256 }, (_, n) => n + 44))
    board.add(publication(1_000, 'sport'))
    expect(board.last(matcherOf('*'), 2).map(({ subject }) => subject)).toEqual(['news', 'sport'])
  })

  it('is bounded in subjects and bytes, whatever is published', () => {
    const board = new Board()
    for (let n = 0; n < 2_000; n++) board.add(publication(n, `subject-${n}`))
    expect(board.subjects).toBe(SUBJECT_LIMITS.subjects)
    for (let n = 0; n < 400; n++) board.add(publication(10_000 + n, `big-${n}`, 62 * 1024))
    expect(board.bytes).toBeLessThanOrEqual(SUBJECT_LIMITS.bytes)
  })
})

async function first(subscription: Subscription, count: number): Promise<Json[]> {
  const heard: Json[] = []
  for await (const { data } of subscription) {
    heard.push(data)
    if (heard.length === count) break
  }
  return heard
}

describe('[G9.subjects] between peers', () => {
  it('whoever subscribes hears what fits; who comes later hears the last ones from neighbours', async () => {
    const { anna, ben } = await twoPeers()
    const heard = ben.subscribe('news.>')
    // gossip gets to know its neighbours a moment after the link: until then what is published may pass unheard
    let isKnown = false
    void first(ben.subscribe('hello'), 1).then(() => {
      isKnown = true
    })
    await until('gossip reaches ben', async () => {
      await anna.publish('hello', 1)
      return isKnown
    })
    await anna.publish('sport', 'not for him')
    await anna.publish('news.weather', { sky: 'blue' }, { as: 'reporter' })
    await anna.publish('news.traffic.nyc', 'slow')
    expect(await first(heard, 2)).toEqual([{ sky: 'blue' }, 'slow'])
    const [last] = await Promise.all([first(ben.subscribe('news.*', { last: 5 }), 1)])
    expect(last).toEqual([{ sky: 'blue' }])
    // what ben forgot anna remembers: a new subscriber asks its neighbours
    expect(await first(anna.subscribe('news.>', { last: 1 }), 1)).toEqual(['slow'])
  })

  it('a subject of a space is a view over its ledger: complete, and publishing says a record', async () => {
    const { anna } = await twoPeers()
    const { id } = anna.commons
    await anna.publish(`space.${id}.fact`, { s: 'sky', p: 'is', o: 'blue' })
    await anna.publish(`space.${id}.gap`, { q: 'x', text: 'why?' })
    const facts = anna.subscribe(`space.${id}.fact`, { last: 10 })
    await anna.publish(`space.${id}.fact`, { s: 'sea', p: 'is', o: 'green' })
    expect((await first(facts, 2)).map(data => (data as { s: string }).s)).toEqual(['sky', 'sea'])
    expect(() => anna.subscribe('space.nowhere.*')).toThrow(expect.objectContaining({ code: 'no-such-space' }))
    await expect(anna.publish(`space.${id}.fact`, { nonsense: 1 })).rejects.toMatchObject({ code: 'bad-input' })
  })
})
