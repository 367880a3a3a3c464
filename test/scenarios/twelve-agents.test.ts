/** Ten and more agents: everybody has a say, nobody is told to, and one synthesis stands. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { specialist, TRIP } from './specialists.ts'
import { askAll, ended, said, synthesisOf, Village } from './village.ts'

const TOPICS = [
  ['flights', 'book flights to New York'],
  ['hotels', 'book a hotel for a weekend in New York'],
  ['trains', 'book trains and local travel in New York'],
  ['taxis', 'book taxi travel between airport and hotel'],
  ['marathon', 'registration and start times of the New York marathon'],
  ['weather', 'weather for travel and a marathon weekend'],
  ['food', 'book restaurants near the hotel in New York'],
  ['museums', 'book museum visits for a New York weekend'],
  ['insurance', 'travel insurance for flights and hotel'],
  ['visas', 'travel visas and entry rules for New York'],
  ['packing', 'packing list for marathon travel'],
  ['budget', 'travel budget for flights, hotel and weekend'],
] as const

describe('twelve agents on twelve peers', () => {
  let village: Village
  beforeAll(async () => {
    village = await Village.found()
  })
  afterAll(() => village.close())

  it('all take part, and every peer ends with the same synthesis', async () => {
    const asker = await village.peer('asker')
    const agents = TOPICS.map(([name, capability], i) => {
      const before = TOPICS[i - 1]?.[0]
      return specialist(name, capability, {
        proposes: `${name}: what I know of it, option ${i}, ${capability}.`,
        ...(before !== undefined && {
          buildsOn: { [before]: `Seen from ${name}, this fits with what ${before} says.` },
        }),
      })
    })
    const peers = await Promise.all(agents.map(agent => village.peer(agent.name, [agent])))
    await village.gathered()

    const done = ended(
      await askAll(asker, TRIP, {
        goal: 'a trip to the New York marathon',
        scope: 'all',
        // on a busy machine the last of thirteen peers takes a while to offer
        offerWindowMs: 4_000,
      }),
    )

    expect(done.outcome).toBe('concluded')
    expect(new Set(said(asker, done.space, 'proposal').map(({ by }) => by)).size).toBe(12)
    expect(said(asker, done.space, 'build_on').length).toBeGreaterThanOrEqual(8)
    // a better one may win after the asker has stopped waiting: then it does on all of them
    const all = () => new Set([asker, ...peers].map(peer => synthesisOf(peer, done.space)?.id))
    await until('the same synthesis everywhere', () => all().size === 1 && !all().has(undefined), 80_000)
  })
})
