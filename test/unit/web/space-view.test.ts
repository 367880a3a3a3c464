/** What the page makes of a space's records. */
import { describe, expect, it } from 'vitest'
import { DEEPEST, MOST } from '../../../packages/web/src/page/model/contribution.ts'
import { spaceView } from '../../../packages/web/src/page/model/space-view.ts'
import { isEnded } from '../../../packages/web/src/page/model/stage.ts'
import { Story } from '../agents/story.ts'
import { ViewStory } from '../context/views/view-story.ts'

const VERIFIERS = ['ann', 'bob', 'eve', 'joe']
const view = (story: Story, later = 0) => {
  const asked = story.records.of('broadcast')[0]?.time ?? 0
  return spaceView({ id: 'space', genesis: story.genesis, records: story.records }, asked + later)
}

describe('a question on the page', () => {
  it('goes from asking to offers to work to its conclusion', () => {
    const story = new Story(VERIFIERS)
    expect(view(story).stage).toBe('asking')
    story.offer('ann', 0.4)
    story.offer('bob', 0.9)
    expect(view(story)).toMatchObject({ stage: 'offers', offers: [{ confidence: 0.9 }, { confidence: 0.4 }] })
    const proposal = story.propose('ann', 'Fly')
    expect(view(story).stage).toBe('working')
    const claims = [{ text: 'Fly', references: [proposal.id] }]
    story.say('ann', { k: 'synthesis', for: story.question.id, content: 'Fly.', claims })
    expect(view(story).stage).toBe('concluded')
  })

  it('says of a conclusion and of a fact that they are final once a quorum of verifiers decided so', () => {
    const story = new ViewStory()
    const asked = story.say(0, { k: 'broadcast', query: 'How to get to Rome?' })
    story.say(1, { k: 'capability_match', for: asked.id, confidence: 1, offer: 'help' })
    const fact = story.say(1, { k: 'fact', s: 'Rome', p: 'is', o: 'far' })
    const answer = story.say(1, { k: 'synthesis', for: asked.id, content: 'Fly.', claims: [] })
    const shown = () => spaceView({ id: 'space', genesis: story.genesis, records: story.records }, story.now)
    for (const n of [0, 1, 2]) {
      story.vote(n, fact)
      story.vote(n, answer, asked.id)
    }
    expect(shown()).toMatchObject({ synthesis: { id: answer.id, isFinal: false }, facts: [{ status: 'verified' }] })
    for (const n of [0, 3]) {
      story.certify(n, [0, 1, 2], fact)
      story.certify(n, [0, 1, 2], answer, asked.id)
    }
    expect(shown()).toMatchObject({ synthesis: { id: answer.id, isFinal: true }, facts: [{ status: 'final' }] })
  })

  it('is over when its time is, whatever was said', () => {
    const story = new Story(VERIFIERS)
    story.propose('ann', 'Fly')
    expect(view(story, story.genesis.budget.ms).stage).toBe('working')
    expect(view(story, story.genesis.budget.ms + 60_000).stage).toBe('over')
    expect(isEnded('over')).toBe(true)
  })

  it('shows build-ons as a tree, verdicts with the record they judge, facts apart', () => {
    const story = new Story(VERIFIERS)
    const fact = story.fact('ann', 'Rome', 'far')
    const proposal = story.propose('ann', 'Fly', [fact.id])
    const reply = story.say('bob', { k: 'build_on', parent: proposal.id, content: 'at night' })
    story.say('eve', { k: 'build_on', parent: reply.id, content: 'from home' })
    for (const name of ['bob', 'eve']) story.verify(name, fact.id, 1)
    story.verify('joe', fact.id, -1)
    const { said, facts } = view(story)
    expect(said).toMatchObject([
      {
        text: ['Fly'],
        cites: [{ id: fact.id, text: 'Rome is far' }],
        replies: [{ text: ['at night'], replies: [{ text: ['from home'], replies: [] }] }],
      },
    ])
    expect(facts).toHaveLength(1)
    expect(facts[0]).toMatchObject({ status: 'verified', supports: [{ counts: true }, { counts: true }] })
    expect(facts[0]?.refutes).toHaveLength(1)
  })

  it('tells what mediators said with the contradiction, not twice', () => {
    const story = new Story(VERIFIERS)
    const one = story.fact('ann', 'Rome', 'far')
    const two = story.fact('bob', 'Rome', 'near')
    const conflict = story.say('eve', { k: 'conflict', a: [one.id, two.id], why: 'both cannot be' })
    story.say('joe', { k: 'build_on', parent: conflict.id, content: 'It is far.' })
    for (const name of ['eve', 'joe']) story.verify(name, two.id, -1)
    const { conflicts, said, left } = view(story)
    expect(conflicts).toMatchObject([
      {
        why: 'both cannot be',
        settled: true,
        sides: [{ stands: true }, { stands: false }],
        replies: [{ text: ['It is far.'] }],
      },
    ])
    expect({ said, left }).toEqual({ said: [], left: 0 })
  })

  it('numbers each cited record once, in order of mention', () => {
    const story = new Story(VERIFIERS)
    story.offer('ann', 0.9)
    const [fly, walk] = [story.propose('ann', 'Fly'), story.propose('bob', 'Walk')]
    const claims = [
      { text: 'Fly or walk', references: [fly.id, walk.id] },
      { text: 'Do walk', references: [walk.id] },
    ]
    story.say('ann', { k: 'synthesis', for: story.question.id, content: 'Go!\n- Do walk\nSoon.', claims, agent: 'ann' })
    expect(view(story).synthesis).toMatchObject({
      headline: 'Go!',
      prose: ['Soon.'],
      claims: [{ notes: [1, 2] }, { text: 'Do walk', notes: [2] }],
      notes: [{ id: fly.id, text: 'Fly' }, { id: walk.id }],
    })
  })

  it('draws no more than a page can hold, and says how much is left out', () => {
    const story = new Story(VERIFIERS)
    let parent = story.propose('ann', 'Fly').id
    for (let n = 0; n < MOST + 20; n++) parent = story.say('ann', { k: 'build_on', parent, content: `${n}` }).id
    const { said, left } = view(story)
    let depth = 0
    for (let at = said; at.length > 0; at = at[0]?.replies ?? []) depth++
    expect({ depth, left }).toEqual({ depth: DEEPEST + 1, left: 21 })
  })
})
