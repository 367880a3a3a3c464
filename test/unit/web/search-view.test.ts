/** What a search shows: whom it found, why, and what it took, in words; and one search at a time. */
import { type Candidate, prefer } from '@amp-mesh/discovery'
import type { Peer } from '@amp-mesh/peer'
import { describe, expect, it } from 'vitest'
import { searchView } from '../../../packages/web/src/page/model/search-view.ts'
import { Searching } from '../../../packages/web/src/page/session/searching.ts'
import { Store } from '../../../packages/web/src/page/session/store.ts'
import { cardOf, peerId } from '../discovery/mesh.ts'

function candidate(name: string, more: Partial<Candidate> = {}): Candidate {
  const card = cardOf(1, name, [name])
  const evidence = { score: 0.8, similarity: 0.61, words: 0.4, capability: `${name} for all` }
  return { agent: card.agent, peer: peerId(1), card, ...evidence, via: 'directory', ...more }
}

describe('a search', () => {
  it('says why an agent is there, and what it took', () => {
    const found = prefer([candidate('flights', { acquaintance: { reputation: 0.8, rttMs: 12.4 } })])
    const view = searchView('go to Rome', 'done', found, { lookups: 8, messages: 44, bytes: 28_149, ms: 312 })
    expect(view.took).toBe('44 messages to the DHT, 28.1 kB, 0.3 s')
    expect(view.found[0]).toMatchObject({ name: 'flights', fit: 0.8, capability: 'flights for all', state: 'ready' })
    expect(view.found[0]?.why).toEqual([
      'It fits by 80 %: by meaning 61 %, by its words 40 %.',
      'Its reputation here, from earlier questions, is 80 %: × 1.15.',
      'It answers within 12 ms: × 1.09.',
      'This tab knew of it already.',
    ])
  })

  it('says it of a newcomer in the DHT, and keeps what others wrote from misleading', () => {
    const hostile = 'train\u202e\u0000'.repeat(300)
    const found = prefer([candidate('trains', { via: 'dht', key: hostile, capability: hostile })])
    const { took, found: shown } = searchView(hostile, 'looking', found, { lookups: 0, messages: 0, bytes: 0, ms: 90 })
    expect(took).toBe('nobody was asked, 0.1 s')
    expect(shown[0]?.why.slice(1)).toEqual([
      'Nobody here has worked with it yet.',
      expect.stringMatching(/^Found in the DHT, under “train.{0,80}…”\.$/),
    ])
    expect(JSON.stringify(shown)).not.toMatch(/\\u202e|\\u0000|\u202e/)
  })
})

describe('searching', () => {
  /** A peer that finds `names` when told to. */
  function peerThatFinds(names: string[]) {
    const go = Promise.withResolvers<void>()
    const find: Peer['find'] = async function* (_text, { signal } = {}) {
      await go.promise
      if (!signal?.aborted) yield* names.map(name => candidate(name))
    }
    const peer = { find, clock: { now: () => 0, after: () => () => {} } } as Partial<Peer> as Peer
    return { peer, go: () => go.resolve() }
  }

  it('shows what the last one finds, and nothing of one that was given up', async () => {
    const store = new Store()
    const searching = new Searching(store)
    const [first, second] = [peerThatFinds(['old']), peerThatFinds(['new'])]
    const ended = [searching.search('one', first.peer), searching.search('two', second.peer)]
    expect(store.state.search).toMatchObject({ words: 'two', state: 'looking', found: [] })
    second.go()
    first.go()
    await Promise.all(ended)
    expect(store.state.search).toMatchObject({ words: 'two', state: 'done', found: [{ name: 'new' }] })
    await searching.search('', first.peer)
    expect(store.state.search).toBeUndefined()
  })
})
