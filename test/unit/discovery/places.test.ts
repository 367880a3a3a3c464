/** Who keeps a place in a full directory: whoever comes first or last, publishes much, or pretends to matter. */
import { type AgentId, agentIdOf } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Places } from '../../../packages/discovery/src/index.ts'
import { peerId } from './mesh.ts'

const agent = (peer: number, n: number): AgentId => agentIdOf(peerId(peer), `a${String(n).padStart(6, '0')}`)

/** What holds a place in the end. `coming`: agents with the interest they are of. */
function held(
  coming: readonly (readonly [AgentId, number])[],
  init: { cards: number; cardsPerPeer: number; self?: string },
) {
  const places = new Places({ salt: new Uint8Array(8), ...init })
  const all = new Set<AgentId>()
  for (const [id, interest] of coming) {
    all.add(id)
    places.take(id, interest)
    const peer = id.slice('amp://'.length, id.lastIndexOf('/'))
    const gone = places.surplus(peer)
    if (gone === undefined) continue
    places.leave(gone)
    all.delete(gone)
  }
  return all
}

describe('places', () => {
  const interests = fc.constantFrom(0, 0, 0.2, 0.4, 0.9)
  it.each([
    ['where some matter', fc.tuple(fc.nat(5), fc.nat(2), interests)],
    ['where publishers exceed their share', fc.tuple(fc.nat(5), fc.nat(4), fc.constant(0))],
  ])('go to the same whatever order they come in, within the bound, %s', (_, one) => {
    const coming = fc.uniqueArray(one, { selector: ([peer, n]) => `${peer} ${n}`, maxLength: 25 })
    const property = fc.property(coming, fc.nat(1_000), fc.integer({ min: 2, max: 12 }), (made, seed, cards) => {
      const all = made.map(([peer, n, interest]) => [agent(peer + 1, n), interest] as const)
      const init = { cards, cardsPerPeer: 3 }
      const shuffled = all.map((each, i) => ({ each, at: (i * 7_919 + seed * 104_729) % 1_009 }))
      shuffled.sort((a, b) => a.at - b.at)
      const kept = held(all, init)
      const again = held(
        shuffled.map(({ each }) => each),
        init,
      )
      expect(kept.size).toBeLessThanOrEqual(cards)
      expect([...again].sort()).toEqual([...kept].sort())
    })
    fc.assert(property, { numRuns: 200 })
  })

  it('are half for what is of interest, and half by a lot nobody can draw himself', () => {
    const honest = Array.from({ length: 40 }, (_, i) => [agent(i + 10, 0), 0] as const)
    const near = Array.from({ length: 4 }, (_, i) => [agent(i + 60, 0), 0.8] as const)
    const stuffed = Array.from({ length: 30 }, (_, i) => [agent(1 + (i % 3), i), 0.5] as const)
    const kept = held([...near, ...honest, ...stuffed], { cards: 20, cardsPerPeer: 16 })
    expect(kept.size).toBe(20)
    for (const [id] of near) expect(kept.has(id)).toBe(true)
    const sample = [...kept].filter(id => honest.some(([other]) => other === id))
    // the three that stuffed have a place by interest and one by lot each, no more
    expect(sample.length).toBeGreaterThanOrEqual(20 - near.length - 3 * 2)
  })

  it('[G4.directory] are not taken by thousands of cards of one peer, whatever they pretend', () => {
    const honest = Array.from({ length: 50 }, (_, i) => [agent(i + 10, 0), 0] as const)
    const flood = Array.from({ length: 5_000 }, (_, i) => [agent(1, 5_000 - i), 0.9] as const)
    const kept = held([...flood.slice(0, 2_500), ...honest, ...flood.slice(2_500)], { cards: 80, cardsPerPeer: 64 })
    expect(kept.size).toBe(80)
    for (const [id] of honest) expect(kept.has(id)).toBe(true)
  })

  it('of this very peer are never lost', () => {
    const own = Array.from({ length: 5 }, (_, n) => [agent(1, n), 0] as const)
    const others = Array.from({ length: 30 }, (_, i) => [agent(i + 10, 0), 0] as const)
    const kept = held([...own, ...others], { cards: 10, cardsPerPeer: 64, self: peerId(1) })
    for (const [id] of own) expect(kept.has(id)).toBe(true)
    expect(kept.size).toBe(10)
  })
})
