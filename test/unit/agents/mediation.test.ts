/** Contradictions: somebody points them out, somebody uninvolved looks, and what it found is said. */
import { conflicts } from '@amp-mesh/context'
import type { Rec, Verdict } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { MEDIATE_STEP_MS, mediation } from '../../../packages/agents/src/mediation.ts'
import { duties, Story, sceneOf, seat } from './story.ts'

const PEERS = ['ann', 'bob', 'eve', 'joe', 'kim']

function contradiction() {
  const story = new Story(PEERS)
  for (const name of PEERS) story.offer(name)
  const far = story.fact('ann', 'Rome', 'far', 'rome')
  const near = story.fact('bob', 'Rome', 'near', 'rome')
  return { story, far, near }
}

const does = (story: Story, what: string, more: object = {}) =>
  PEERS.filter(name => duties(sceneOf(story, name, more)).some(duty => duty.startsWith(what)))

describe('a contradiction', () => {
  it('is pointed out by one, by the next if that one is silent', () => {
    const { story } = contradiction()
    const [first] = does(story, 'point out', { age: 0 })
    expect(does(story, 'point out', { age: 0 })).toEqual([first])
    expect(does(story, 'point out', { age: MEDIATE_STEP_MS })).toHaveLength(2)
  })

  it('is pointed out once', () => {
    const { story, far, near } = contradiction()
    story.say('eve', { k: 'conflict', a: [far.id, near.id] })
    expect(does(story, 'point out')).toEqual([])
    story.fact('kim', 'Rome', 'on the moon', 'rome')
    expect(does(story, 'point out')).not.toEqual([])
  })

  it('is mediated by one who is on neither side, by the next if that one is silent', () => {
    const { story, far, near } = contradiction()
    story.say('ann', { k: 'conflict', a: [far.id, near.id] })
    const [first = ''] = does(story, 'mediate', { age: 0 })
    expect(does(story, 'mediate', { age: 0 })).toEqual([first])
    expect(['eve', 'joe', 'kim']).toContain(first)
    expect(does(story, 'mediate', { age: 2 * MEDIATE_STEP_MS }).sort()).toEqual(['eve', 'joe', 'kim'])
  })

  it('needs no mediator once one spoke', () => {
    const { story, far, near } = contradiction()
    const conflict = story.say('ann', { k: 'conflict', a: [far.id, near.id] })
    story.say('bob', { k: 'build_on', parent: conflict.id, content: 'I am right' })
    expect(does(story, 'mediate')).not.toEqual([])
    story.say('eve', { k: 'build_on', parent: conflict.id, content: 'Rome is far' })
    expect(does(story, 'mediate')).toEqual([])
  })

  it('is called disputed by the first mediator when none could tell', () => {
    const { story, far, near } = contradiction()
    const conflict = story.say('ann', { k: 'conflict', a: [far.id, near.id] })
    const [first] = does(story, 'mediate', { age: 0 })
    const looked = { done: new Set([conflict.id]) }
    expect(does(story, 'mediate', { ...looked, age: 3 * MEDIATE_STEP_MS - 1 })).toEqual([])
    expect(does(story, 'mediate at last', { ...looked, age: 3 * MEDIATE_STEP_MS })).toEqual([first])
    const spoken = { done: new Set([conflict.id, `${conflict.id} last`]) }
    expect(does(story, 'mediate', spoken)).toEqual([])
  })

  it('leaves its facts to the mediator first', () => {
    const { story, far, near } = contradiction()
    const verifying = { seats: [seat('eve', { verifies: true })] }
    const conflict = story.say('ann', { k: 'conflict', a: [far.id, near.id] })
    const sees = () => duties(sceneOf(story, 'eve', { age: 400, ...verifying }))
    expect(sees()).not.toContain('verify Rome')
    story.say('joe', { k: 'build_on', parent: conflict.id, content: 'Rome is far' })
    expect(sees()).toContain('verify Rome')
  })

  it('is mediated also when verifiers decided it, by one of them if nobody else is left', () => {
    const { story, far, near } = contradiction()
    story.say('ann', { k: 'conflict', a: [far.id, near.id] })
    for (const name of ['eve', 'joe', 'kim']) story.verify(name, near.id, -1)
    const [first = ''] = does(story, 'mediate', { age: 0 })
    expect(['eve', 'joe', 'kim']).toContain(first)
  })

  it('is none when a side takes its word back', () => {
    const { story, near } = contradiction()
    story.say('bob', { k: 'retract', of: near.id })
    expect(does(story, 'point out')).toEqual([])
  })
})

describe('what a mediator says', () => {
  const { story, far, near } = contradiction()
  story.say('ann', { k: 'conflict', a: [far.id, near.id] })
  const conflict = conflicts(story.records, story.genesis).find(({ record }) => record !== undefined)
  const word = (a: Verdict | undefined, b: Verdict | undefined, last = false) => {
    if (conflict?.record === undefined) throw new Error('no conflict')
    const findings = [
      { record: far as Rec, verdict: a },
      { record: near as Rec, verdict: b },
    ]
    return mediation({ ...conflict, record: conflict.record }, findings, last)
  }

  it('names what stands, and why', () => {
    const said = word({ v: 1, why: '2,000 km' }, { v: -1 })
    expect(said).toMatchObject({ k: 'build_on', parent: conflict?.record?.id, references: [far.id, near.id] })
    expect(said?.content).toBe(
      '"Rome is far" holds (2,000 km). "Rome is near" does not hold. What stands: "Rome is far".',
    )
    expect(word({ v: -1 }, undefined)?.content).toContain('What stands: "Rome is near".')
  })

  it('admits that it stays disputed', () => {
    expect(word({ v: 1 }, { v: 1 })?.content).toContain('stays disputed')
    expect(word(undefined, { v: 0 })).toBeUndefined()
    expect(word(undefined, undefined, true)?.content).toContain('nobody here could derive either side again')
  })
})
