/** Decisions of one peer's agents, from records alone: who offers, contributes, settles, concludes, and the end. */
import { QUESTION_DEFAULTS } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { decide, LEASE_MS, QUIET_MS, STEP_IN_MS } from '../../../packages/agents/src/collaboration.ts'
import { duties, keyOf, Story, sceneOf, seat } from './story.ts'

describe('offers', () => {
  it('come at once from the sure, later from the less sure', () => {
    const story = new Story()
    const seats = [seat('sure', { stage: 'able', confidence: 1 }), seat('unsure', { stage: 'able', confidence: 0.5 })]
    const early = decide(sceneOf(story, 'ann', { seats, age: 0 }))
    expect(early.duties).toEqual([{ do: 'offer', agent: 'sure' }])
    expect(early.later).toContain(300)
    expect(duties(sceneOf(story, 'ann', { seats, age: 300 }))).toEqual(['offer sure', 'offer unsure'])
  })

  it('are withheld when enough others are surer', () => {
    const story = new Story()
    for (let i = 0; i < QUESTION_DEFAULTS.offers; i++) story.offer(`peer-${i}`, 0.6)
    const able = (confidence: number) => sceneOf(story, 'ann', { seats: [seat('ann', { stage: 'able', confidence })] })
    expect(duties(able(0.5))).toEqual(['stay silent ann'])
    expect(duties(able(0.7))).toEqual(['offer ann'])
  })

  it('also come for a need that turns up, from those who had none for the question', () => {
    const story = new Story()
    story.offer('bob')
    const need = story.say('bob', { k: 'need', content: 'a visa' })
    const silent = seat('ann', { stage: 'silent' })
    expect(duties(sceneOf(story, 'ann', { seats: [silent] }))).toEqual(['consider ann'])
    expect(duties(sceneOf(story, 'ann', { seats: [{ ...silent, considered: new Set([need.id]) }] }))).toEqual([])
    story.say('eve', { k: 'build_on', parent: need.id, content: 'apply online' })
    expect(duties(sceneOf(story, 'ann', { seats: [silent] }))).toEqual([])
  })
})

describe('turns', () => {
  it('are for those who offered, have news and are not at work', () => {
    const story = new Story()
    const seats = [
      seat('ann', { news: true }),
      seat('busy', { news: true, busy: true }),
      seat('calm'),
      seat('parked', { stage: 'parked', news: true }),
      seat('silent', { stage: 'silent', news: true }),
    ]
    expect(duties(sceneOf(story, 'ann', { seats }))).toEqual(['contribute ann'])
  })
})

describe('settling', () => {
  const story = new Story(['ann', 'bob', 'eve'])
  story.offer('ann')
  story.offer('bob')
  const proposal = story.propose('bob', 'Fly')

  it('waits for a quiet moment', () => {
    const early = decide(sceneOf(story, 'ann', { age: 2_000, lastNews: 2_000 }))
    expect(early.duties).toEqual([])
    expect(early.later).toContain(2_000 + QUIET_MS.first)
    expect(duties(sceneOf(story, 'ann', { age: 2_000, lastNews: 1_900 }))).toEqual(['settle ann'])
  })

  it('waits longer in a lively space', () => {
    const lively = new Story()
    lively.offer('ann')
    for (let i = 0; i < 5; i++) {
      lively.settle('ann')
      lively.propose('bob', `Fly ${i}`)
    }
    expect(duties(sceneOf(lively, 'ann', { age: 2_000, lastNews: 2_000 - QUIET_MS.most + 1 }))).toEqual([])
    expect(duties(sceneOf(lively, 'ann', { age: 2_000, lastNews: 2_000 - QUIET_MS.most }))).toEqual(['settle ann'])
  })

  it('waits for own work', () => {
    const owing = (more: object) => duties(sceneOf(story, 'ann', more)).filter(duty => duty.startsWith('settle'))
    expect(owing({ running: 1 })).toEqual([])
    expect(owing({ seats: [seat('ann', { busy: true })] })).toEqual([])
    expect(owing({ seats: [seat('ann', { news: true })] })).toEqual([])
    expect(owing({})).toEqual(['settle ann'])
  })

  it('is not repeated, and comes again after news', () => {
    story.settle('ann', 'bob')
    expect(duties(sceneOf(story, 'bob')).filter(duty => duty.startsWith('settle'))).toEqual([])
    story.offer('ann', 0.9)
    story.settle('eve')
    expect(duties(sceneOf(story, 'bob')).filter(duty => duty.startsWith('settle'))).toEqual([])
    story.say('ann', { k: 'build_on', parent: proposal.id, content: 'at night' })
    expect(duties(sceneOf(story, 'bob'))).toContain('settle bob')
  })
})

describe('the conclusion', () => {
  function settled() {
    const story = new Story()
    story.offer('ann', 0.9)
    story.offer('bob', 0.8)
    story.offer('eve', 0.7)
    story.propose('bob', 'Fly')
    story.settle('ann', 'bob', 'eve')
    return story
  }

  it('is written by the first coordinator once all have settled', () => {
    const story = settled()
    expect(duties(sceneOf(story, 'ann'))).toEqual(['conclude ann'])
    expect(duties(sceneOf(story, 'bob', { lastNews: 9_000 }))).toEqual([])
    story.propose('eve', 'Walk')
    expect(duties(sceneOf(story, 'ann', { lastNews: 10_000 }))).toEqual([])
  })

  it('does not come before the time for offers is over', () => {
    expect(duties(sceneOf(settled(), 'ann', { age: 900 }))).toEqual([])
    expect(decide(sceneOf(settled(), 'ann', { age: 900 })).later).toContain(1_000)
  })

  it('waits a quarter of the budget for verifiers that said nothing yet, unless they do not answer', () => {
    const story = new Story(['ann', 'bob'])
    story.offer('ann')
    story.settle('ann')
    expect(duties(sceneOf(story, 'ann', { age: 7_499 }))).toEqual([])
    expect(decide(sceneOf(story, 'ann', { age: 7_499 })).later).toContain(7_500)
    expect(duties(sceneOf(story, 'ann', { age: 7_500 }))).toEqual(['conclude ann'])
    const suspected = new Map([[keyOf('bob'), 0]])
    expect(duties(sceneOf(story, 'ann', { age: LEASE_MS, suspected }))).toEqual(['conclude ann'])
    story.say('bob', { k: 'refuse', for: story.question.id, why: 'not my field' })
    expect(duties(sceneOf(story, 'ann', { age: 1_000 }))).toEqual(['conclude ann'])
  })

  it('falls to whoever others built on most', () => {
    const story = new Story()
    story.offer('ann', 0.9)
    story.offer('bob', 0.8)
    const proposal = story.propose('bob', 'Fly')
    story.say('ann', { k: 'build_on', parent: proposal.id, content: 'at night' })
    story.settle('ann', 'bob')
    expect(duties(sceneOf(story, 'bob'))).toEqual(['conclude bob'])
    expect(duties(sceneOf(story, 'ann', { lastNews: 9_000 }))).toEqual([])
  })

  it('falls to the next when the first does not answer, or answers but does not write', () => {
    const story = settled()
    const suspected = new Map([[keyOf('ann'), 9_950]])
    const scene = { suspected, lastNews: 9_900 }
    expect(duties(sceneOf(story, 'bob', { ...scene, age: 9_950 + LEASE_MS - 1 }))).toEqual([])
    expect(decide(sceneOf(story, 'bob', scene)).later).toContain(9_950 + LEASE_MS)
    expect(duties(sceneOf(story, 'bob', { ...scene, age: 9_950 + LEASE_MS }))).toEqual(['conclude bob'])
    expect(duties(sceneOf(story, 'bob', { lastNews: 9_900, age: 9_900 + STEP_IN_MS - 1 }))).toEqual([])
    expect(duties(sceneOf(story, 'bob', { lastNews: 9_900, age: 9_900 + STEP_IN_MS }))).toEqual(['conclude bob'])
  })

  it('does not wait for the settle of one that does not answer', () => {
    const story = new Story()
    story.offer('ann', 0.9)
    story.offer('bob', 0.8)
    story.settle('ann')
    expect(duties(sceneOf(story, 'ann'))).toEqual([])
    const suspected = new Map([[keyOf('bob'), 9_000]])
    expect(duties(sceneOf(story, 'ann', { suspected }))).toEqual([])
    expect(duties(sceneOf(story, 'ann', { suspected, age: 9_000 + LEASE_MS }))).toEqual(['conclude ann'])
  })

  it('comes in part shortly before the budget is spent', () => {
    const story = new Story([], 10_000)
    story.offer('ann', 0.9)
    story.offer('bob', 0.8)
    story.propose('bob', 'Fly')
    const busy = [seat('ann', { busy: true })]
    expect(duties(sceneOf(story, 'ann', { seats: busy, age: 7_999 }))).toEqual([])
    expect(duties(sceneOf(story, 'ann', { seats: busy, age: 8_000 }))).toEqual(['conclude ann in part'])
    expect(duties(sceneOf(story, 'bob', { age: 8_000, lastNews: 8_000 }))).toEqual([])
    expect(duties(sceneOf(story, 'bob', { age: 8_500, lastNews: 8_450 }))).toContain('conclude bob in part')
  })

  it('is acknowledged once by each who offered, and then it is over', () => {
    const story = settled()
    story.say('ann', { k: 'synthesis', for: story.question.id, content: 'Fly', claims: [] })
    expect(duties(sceneOf(story, 'bob'))).toEqual(['settle bob'])
    story.settle('bob')
    expect(duties(sceneOf(story, 'bob'))).toEqual(['stop: concluded'])
  })

  it('is supported once by each verifier, its author too, and by nobody else', () => {
    const story = new Story(['ann', 'bob'])
    for (const name of ['ann', 'bob', 'guest']) story.offer(name)
    story.settle('ann', 'bob', 'guest')
    const { id } = story.say('ann', { k: 'synthesis', for: story.question.id, content: 'Fly', claims: [] })
    story.settle('ann', 'bob', 'guest')
    for (const name of ['ann', 'bob']) expect(duties(sceneOf(story, name))).toEqual(['endorse Fly'])
    expect(duties(sceneOf(story, 'guest'))).toEqual(['stop: concluded'])
    const done = new Set([id])
    expect(duties(sceneOf(story, 'bob', { done, running: 1 })), 'under way').toEqual([])
    expect(duties(sceneOf(story, 'bob', { done })), 'it could not be written').toEqual(['stop: concluded'])
    story.verify('bob', id, 1)
    expect(duties(sceneOf(story, 'bob'))).toEqual(['stop: concluded'])
  })

  it('is not ended by the synthesis of a bystander, nor by one that cites what is not there', () => {
    const story = settled()
    story.say('mallory', { k: 'synthesis', for: story.question.id, content: 'Stay', claims: [] })
    const claims = [{ text: 'Stay', references: ['x'.repeat(32)] }]
    story.say('eve', { k: 'synthesis', for: story.question.id, content: 'Stay', claims })
    expect(duties(sceneOf(story, 'ann'))).toEqual(['conclude ann'])
  })
})

describe('the end', () => {
  it('comes with a cancel of the asker, not of another', () => {
    const story = new Story()
    story.offer('ann')
    story.say('bob', { k: 'cancel', for: story.question.id })
    expect(duties(sceneOf(story, 'ann', { seats: [seat('ann', { news: true })] }))).toEqual(['contribute ann'])
    story.say('asker', { k: 'cancel', for: story.question.id })
    expect(duties(sceneOf(story, 'ann', { seats: [seat('ann', { news: true })] }))).toEqual(['stop: cancelled'])
  })

  it('comes with the budget', () => {
    const scene = sceneOf(new Story([], 5_000), 'ann', { seats: [seat('ann', { news: true })] })
    expect(duties({ ...scene, age: 5_000 })).toEqual(['stop: budget spent'])
    expect(decide({ ...scene, age: 0 }).later).toContain(5_000)
  })
})
