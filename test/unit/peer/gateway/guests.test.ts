/** Guests: nobody waits for one that has nothing to add, or has left. */
import type { Op } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { type GuestSpace, Guests } from '../../../../packages/peer/src/gateway/guests.ts'
import { keyOf, Story } from '../../agents/story.ts'
import { SimulatedClock } from '../simulated-clock.ts'

/** A question at which the guest `mia` of peer `mia` and the agent `bob` offered. */
function setUp() {
  const clock = new SimulatedClock()
  const story = new Story(['bob'])
  const listeners = new Set<() => void>()
  const written: Op[] = []
  const space: GuestSpace = {
    id: 's'.repeat(43),
    genesis: story.genesis,
    age: () => clock.now(),
    replica: {
      records: story.records,
      subscribe(listener) {
        const heard = () => listener([])
        listeners.add(heard)
        return () => listeners.delete(heard)
      },
      async append(ops) {
        written.push(...ops)
        return ops.map(op => story.say('mia', op))
      },
    },
  }
  story.offer('mia')
  story.offer('bob')
  const guests = new Guests(clock, keyOf('mia'))
  const later = () => {
    for (const heard of listeners) heard()
    clock.advance(1_000)
  }
  return { clock, story, space, guests, written, later, listeners }
}

describe('a guest', () => {
  it('that rests settles again whenever others say something', () => {
    const { story, space, guests, written, later } = setUp()
    guests.rests(space, 'mia')
    later()
    expect(written).toMatchObject([{ k: 'settle', agent: 'mia' }])
    later()
    expect(written).toHaveLength(1)
    story.propose('bob', 'Fly')
    later()
    expect(written).toHaveLength(2)
  })

  it('that speaks again is waited for', () => {
    const { story, space, guests, written, later } = setUp()
    guests.rests(space, 'mia')
    later()
    guests.speaks(space, 'mia')
    story.propose('bob', 'Fly')
    later()
    expect(written).toHaveLength(1)
  })

  it('is forgotten when the question is over, or the gateway closes', () => {
    const { clock, story, space, guests, written, later, listeners } = setUp()
    guests.rests(space, 'mia')
    clock.advance(story.genesis.budget.ms)
    later()
    expect(listeners.size).toBe(0)
    const before = written.length
    story.propose('bob', 'late')
    later()
    expect(written).toHaveLength(before)
    guests.rests(space, 'mia')
    guests.close()
    expect(listeners.size).toBe(0)
  })
})
