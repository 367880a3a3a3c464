/** Who checks which fact when: enough at once, the others only while it stays undecided. */
import { describe, expect, it } from 'vitest'
import { decide } from '../../../packages/agents/src/collaboration.ts'
import { VERIFY_STEP_MS } from '../../../packages/agents/src/verification.ts'
import { duties, keyOf, Story, sceneOf, seat } from './story.ts'

const PEERS = ['ann', 'bob', 'eve', 'joe', 'kim', 'lou']
const verifying = (name: string) => ({ seats: [seat(name, { verifies: true })] })

function village() {
  const story = new Story(PEERS)
  for (const name of PEERS) story.offer(name)
  return story
}

/** Who looks at the only fact at this age. */
const onDuty = (story: Story, age: number, more: object = {}) =>
  PEERS.filter(name => duties(sceneOf(story, name, { age, ...verifying(name), ...more })).includes('verify Rome'))

describe('verification', () => {
  it('starts with f+1 others at once; the next step in one by one', () => {
    const story = village()
    story.fact('ann', 'Rome', 'far')
    const first = onDuty(story, 0)
    expect(first).toHaveLength(3)
    expect(first).not.toContain('ann')
    expect(onDuty(story, VERIFY_STEP_MS)).toHaveLength(4)
    expect(onDuty(story, 2 * VERIFY_STEP_MS)).toEqual(PEERS.filter(name => name !== 'ann'))
  })

  it('goes on without those who do not answer', () => {
    const story = village()
    story.fact('ann', 'Rome', 'far')
    const [gone = ''] = onDuty(story, 0)
    const next = onDuty(story, 0, { suspected: new Map([[keyOf(gone), 0]]) }).filter(name => name !== gone)
    expect(next).toHaveLength(3)
  })

  it('ends when the fact is decided, and is never done twice', () => {
    const story = village()
    const fact = story.fact('ann', 'Rome', 'far')
    story.verify('bob', fact.id, 1)
    expect(onDuty(story, 10_000)).not.toContain('bob')
    expect(onDuty(story, 10_000, { done: new Set([fact.id]) })).toEqual([])
    story.verify('eve', fact.id, 1)
    expect(onDuty(story, 10_000)).toEqual(['joe', 'kim', 'lou'])
    story.verify('joe', fact.id, 1)
    expect(onDuty(story, 10_000)).toEqual([])
  })

  it('is for verifiers with an agent that can', () => {
    const story = village()
    story.fact('ann', 'Rome', 'far')
    expect(duties(sceneOf(story, 'bob', { age: 0, seats: [seat('bob')] }))).not.toContain('verify Rome')
    story.offer('guest')
    expect(duties(sceneOf(story, 'guest', verifying('guest')))).not.toContain('verify Rome')
  })

  it('keeps a peer from settling while its turn may still come', () => {
    const story = village()
    story.fact('ann', 'Rome', 'far')
    const first = onDuty(story, 0)
    const later = PEERS.find(name => name !== 'ann' && !first.includes(name)) ?? ''
    const scene = sceneOf(story, later, { age: 200, ...verifying(later) })
    expect(duties(scene)).toEqual([])
    const turn = decide(scene).later.filter(age => age <= 2 * VERIFY_STEP_MS)
    expect(turn).toHaveLength(1)
  })
})
