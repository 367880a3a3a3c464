/** What moves a candidate up or down beside its fit, and how far. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Acquaintance,
  type Candidate,
  MOST_MOVED,
  PREFERENCE_WEIGHTS,
  prefer,
} from '../../../packages/discovery/src/index.ts'
import { cardOf, peerId } from './mesh.ts'

function candidate(name: string, score: number, acquaintance: Acquaintance = {}, card: object = {}): Candidate {
  const own = cardOf(1, name, ['x'], card)
  return {
    agent: own.agent,
    peer: peerId(1),
    card: own,
    score,
    capability: 'x',
    via: 'directory',
    similarity: 0,
    words: 0,
    acquaintance,
  }
}
const order = (...candidates: Candidate[]) =>
  prefer(candidates).map(({ candidate }) => candidate.agent.slice(candidate.agent.lastIndexOf('/') + 1))

describe('preference', () => {
  it('is the fit where nothing else is known', () => {
    const [only] = prefer([candidate('a', 0.7)])
    expect(only).toMatchObject({ preference: 0.7, parts: { fit: 0.7, reputation: 1, load: 1, latency: 1, cost: 1 } })
    expect(order(candidate('a', 0.2), candidate('b', 0.9), candidate('c', 0.5))).toEqual(['b', 'c', 'a'])
    expect(order(candidate('b', 0.5), candidate('a', 0.5))).toEqual(['a', 'b'])
  })

  it('of equals takes the better known, the one with time, the nearer, the cheaper', () => {
    const usual = candidate('usual', 0.5)
    expect(
      order(candidate('bad', 0.5, { reputation: 0.3 }), usual, candidate('good', 0.5, { reputation: 0.8 })),
    ).toEqual(['good', 'usual', 'bad'])
    expect(order(candidate('busy', 0.5, {}, { state: 'busy' }), usual)).toEqual(['usual', 'busy'])
    expect(order(candidate('far', 0.5, { rttMs: 900 }), usual, candidate('near', 0.5, { rttMs: 2 }))).toEqual([
      'near',
      'usual',
      'far',
    ])
    const costs = [900, 100, 10].map(ms => candidate(`ms${ms}`, 0.5, {}, { cost: { ms } }))
    expect(order(...costs, usual)).toEqual(['ms10', 'ms100', 'usual', 'ms900'])
  })

  it('compares costs only with those of the others: stating one alone brings nothing', () => {
    expect(prefer([candidate('a', 0.5, {}, { cost: { tokens: 1 } }), candidate('b', 0.5)])[0]?.parts.cost).toBe(1)
  })

  it('never passes over one that fits so much better, whatever is said of the others', () => {
    const { reputation, load, latency, cost } = PREFERENCE_WEIGHTS
    const most = ((1 + reputation) / (1 - reputation) / (1 - load)) * ((1 + latency) / (1 - latency))
    expect(most * ((1 + cost) / (1 - cost))).toBeLessThanOrEqual(MOST_MOVED)

    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const large = fc.double({ min: 0, max: 1e9, noNaN: true })
    const fit = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1, noNaN: true })) // less has no 52 bits to round
    const any = fc.record({ reputation: share, rttMs: large, cost: large, busy: fc.boolean(), fit })
    const property = fc.property(fc.array(any, { minLength: 2, maxLength: 8 }), made => {
      const ranked = prefer(
        made.map(({ reputation, rttMs, cost, busy, fit }, i) =>
          candidate(`a${i}`, fit, { reputation, rttMs }, { state: busy ? 'busy' : 'ready', cost: { cost } }),
        ),
      )
      for (const [i, { parts, preference }] of ranked.entries()) {
        expect(preference).toBeGreaterThanOrEqual(0.48 * parts.fit)
        expect(preference).toBeLessThanOrEqual(1.52 * parts.fit)
        for (const later of ranked.slice(i + 1))
          expect(later.parts.fit).toBeLessThanOrEqual(parts.fit * MOST_MOVED + 1e-9)
      }
    })
    fc.assert(property, { numRuns: 100 })
  })
})
