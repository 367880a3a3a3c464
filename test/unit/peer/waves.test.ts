/** Whom a question goes to, and when: from what is known alone. */
import { QUESTION_DEFAULTS } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ASKING_SHARE,
  EXPLORE,
  type Outlook,
  type Prospect,
  planWave,
  type Step,
  WAVE,
} from '../../../packages/peer/src/waves.ts'

const prospects = (fits: readonly number[], known = fits.length): Prospect[] =>
  fits.map((fit, i) => ({ peer: `p${i}`, fit, newcomer: i >= known }))

const outlook = (more: Partial<Outlook> = {}): Outlook => ({
  prospects: prospects([0.9, 0.8, 0.7, 0.6]),

  asked: new Set(),
  offers: 0,
  age: 0,
  lastWaveAt: undefined,
  flooded: false,
  refused: false,
  scope: 'best',
  budgetMs: 30_000,
  offerWindowMs: 1_000,
  draw: 0,
  ...more,
})
const peersOf = (step: Step) => (step.do === 'ask' ? step.peers : [])

describe('the first wave', () => {
  it('asks all that fit when they are few enough, the most preferred first', () => {
    expect(planWave(outlook())).toEqual({ do: 'ask', peers: ['p0', 'p1', 'p2', 'p3'], everybody: false })
  })

  it('asks as many as may be expected to offer enough', () => {
    const sure = planWave(outlook({ prospects: prospects(Array(60).fill(1)) }))
    expect(peersOf(sure)).toHaveLength(QUESTION_DEFAULTS.offers)
    const unsure = planWave(outlook({ prospects: prospects(Array(60).fill(0.8)) }))
    expect(peersOf(unsure)).toHaveLength(QUESTION_DEFAULTS.offers / 0.8)
    const hardly = planWave(outlook({ prospects: prospects(Array(80).fill(0.1)) }))
    expect(peersOf(hardly)).toHaveLength(WAVE)
  })

  it('asks everybody when nobody fits, or when told to', () => {
    expect(planWave(outlook({ prospects: [] }))).toEqual({ do: 'ask', peers: [], everybody: true })
    expect(planWave(outlook({ scope: 'all' }))).toMatchObject({ everybody: true })
  })
})

describe('a further wave', () => {
  const many = prospects(Array(60).fill(0.5))
  const asked = new Set(many.slice(0, 32).map(({ peer }) => peer))
  const later = (more: Partial<Outlook>) => outlook({ prospects: many, asked, lastWaveAt: 0, ...more })

  it('waits for an offer window, then makes up for what lacks', () => {
    expect(planWave(later({ age: 999, offers: 14 }))).toEqual({ do: 'wait' })
    expect(planWave(later({ age: 1_000, offers: 14 }))).toEqual({
      do: 'ask',
      peers: ['p32', 'p33', 'p34', 'p35'],
      everybody: false,
    })
  })

  it('goes out at once when all that were waited for refused', () => {
    expect(planWave(later({ age: 100, refused: true }))).toMatchObject({ do: 'ask' })
    expect(planWave(later({ age: 100, refused: true, offers: 1 }))).toEqual({ do: 'wait' })
  })

  it('goes to everybody when nobody fits any more and nobody offered', () => {
    const all = new Set(many.map(({ peer }) => peer))
    expect(planWave(later({ age: 1_000, asked: all, offers: 0 }))).toEqual({ do: 'ask', peers: [], everybody: true })
    expect(planWave(later({ age: 1_000, asked: all, offers: 1 }))).toEqual({ do: 'rest' })
  })

  it('never goes out once there are offers enough, everybody was asked, or half the budget is spent', () => {
    const enough = QUESTION_DEFAULTS.offers
    for (const more of [{ offers: enough }, { flooded: true }, { age: ASKING_SHARE * 30_000 + 1 }])
      expect(planWave(later({ age: 5_000, ...more }))).toEqual({ do: 'rest' })
  })
})

describe('newcomers', () => {
  it('get one place in eight from those who are known, each of them sometimes', () => {
    const all = prospects(Array(40).fill(1), 16)
    const drawn = new Set<string>()
    for (let i = 0; i < 24; i++) {
      const peers = peersOf(planWave(outlook({ prospects: all, draw: i / 24 })))
      expect(peers.slice(0, 14)).toEqual(all.slice(0, 14).map(({ peer }) => peer))
      expect(peers).toHaveLength(16)
      for (const peer of peers.slice(14)) drawn.add(peer)
    }
    expect(drawn.size).toBe(24)
  })

  it('take no place from each other', () => {
    const all = prospects(Array(40).fill(1), 0)
    expect(peersOf(planWave(outlook({ prospects: all, draw: 0.9 })))).toEqual(all.slice(0, 16).map(({ peer }) => peer))
  })
})

it('ends: whatever comes in, waves are bounded, nobody is asked twice, and each wave asks somebody new', () => {
  const fit = fc.double({ min: 0.1, max: 1, noNaN: true })
  const property = fc.property(
    fc.array(fit, { maxLength: 64 }),
    fc.array(fc.nat(4)),
    fc.double({ max: 0.99, min: 0 }),
    (fits, coming, draw) => {
      const all = prospects(fits, Math.floor(fits.length / 2))
      const asked = new Set<string>()
      let [offers, age, lastWaveAt, flooded, waves] = [0, 0, undefined as number | undefined, false, 0]
      for (;;) {
        const now = { prospects: all, asked, offers, age, lastWaveAt, flooded, draw }
        const step = planWave(outlook(now))
        if (step.do === 'rest') break
        if (step.do === 'ask') {
          expect(step.peers.length).toBeLessThanOrEqual(WAVE)
          expect(step.peers.length > 0 || step.everybody).toBe(true)
          for (const peer of step.peers) expect(asked.has(peer)).toBe(false)
          for (const peer of step.peers) asked.add(peer)
          flooded ||= step.everybody
          lastWaveAt = age
          offers += coming[waves++] ?? 0
        }
        age += 250
      }
      expect(waves).toBeLessThanOrEqual(fits.length + 1)
    },
  )
  fc.assert(property, { numRuns: 200 })
  expect(EXPLORE).toBeGreaterThan(1)
})
