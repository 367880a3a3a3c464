/** The conclusion nobody had to word: what stands, each claim with what it rests on. */
import { canonicalBytes } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { defaultConclusion, synthesisOf } from '../../../packages/agents/src/synthesis.ts'
import { Story } from './story.ts'

const VERIFIERS = ['ann', 'bob', 'eve']
const claimsOf = (story: Story) => defaultConclusion(story.records, story.genesis).claims
const textsOf = (story: Story) => claimsOf(story).map(({ text }) => text)
const refute = (story: Story, id: string, ...who: string[]) => {
  for (const each of who) story.verify(each, id, -1)
}

describe('the default conclusion', () => {
  it('states proposals and what was built on them, and cites what they rest on', () => {
    const story = new Story(VERIFIERS)
    const fact = story.fact('bob', 'Rome', 'far')
    const proposal = story.propose('ann', 'Fly', [fact.id])
    const other = story.propose('joe', 'Walk')
    const reply = story.say('eve', { k: 'build_on', parent: proposal.id, content: 'at night' })
    expect(claimsOf(story)).toEqual([
      { text: 'Fly', references: [proposal.id, fact.id] },
      { text: 'at night', references: [reply.id, proposal.id] },
      { text: 'Walk', references: [other.id] },
    ])
    expect(defaultConclusion(story.records, story.genesis).content).toBe(
      '3 findings stand, by 4 agents:\n- Fly\n- at night\n- Walk',
    )
  })

  it('leaves out what was refuted or taken back, and all that rests on it', () => {
    const story = new Story(VERIFIERS)
    const lie = story.fact('liar', 'Rome', 'closed')
    const based = story.propose('liar', 'Stay at home', [lie.id])
    story.say('joe', { k: 'build_on', parent: based.id, content: 'and cook pasta' })
    const rash = story.propose('ann', 'Swim')
    story.propose('ann', 'Fly')
    expect(textsOf(story)).toHaveLength(4)
    refute(story, lie.id, 'ann', 'bob')
    story.say('ann', { k: 'retract', of: rash.id })
    expect(textsOf(story)).toEqual(['Fly'])
  })

  it('states verified facts that nothing else cites, and no unverified ones', () => {
    const story = new Story(VERIFIERS)
    const fact = story.fact('joe', 'Rome', 'far')
    story.fact('joe', 'Rome', 'pretty')
    for (const name of ['ann', 'bob']) story.verify(name, fact.id, 1)
    expect(claimsOf(story)).toEqual([{ text: 'Rome is far', references: [fact.id] }])
  })

  it('says what is disputed and what somebody worries about', () => {
    const story = new Story(VERIFIERS)
    const one = story.propose('ann', 'Fly')
    const two = story.propose('bob', 'Never fly')
    story.say('eve', { k: 'conflict', a: [one.id, two.id] })
    story.say('eve', { k: 'concern', parent: story.propose('joe', 'Walk').id, content: 'It is 1,400 km' })
    expect(textsOf(story)).toEqual(['Disputed: Fly', 'Disputed: Never fly', 'Walk', 'Concern: It is 1,400 km'])
  })

  it('is clear when there is nothing', () => {
    const { content, claims } = defaultConclusion(new Story().records, new Story().genesis)
    expect(claims).toEqual([])
    expect(content).toContain('found nothing to say')
  })

  it('where nothing stands says what nobody verified, without what was refuted', () => {
    const story = new Story(VERIFIERS)
    story.fact('joe', 'Rome', 'far')
    const lie = story.fact('liar', 'Rome', 'closed')
    refute(story, lie.id, 'ann', 'bob')
    const { content, claims } = defaultConclusion(story.records, story.genesis)
    expect(content).toBe('Nothing that was said is verified:\n- Rome is far')
    expect(claims).toEqual([])
    story.propose('ann', 'Fly')
    expect(defaultConclusion(story.records, story.genesis).content).not.toContain('far')
  })

  it('fits one op however much was said, be it verified or not', () => {
    const story = new Story(VERIFIERS)
    for (let i = 0; i < 400; i++) story.fact('joe', 'Rome', `${i} ${'ü😀'.repeat(200)}`)
    const { content } = defaultConclusion(story.records, story.genesis)
    expect(content).toMatch(/^Nothing that was said is verified:\n- Rome is 0 .* …$/s)
    expect(canonicalBytes(content).length).toBeLessThan(story.genesis.limits.op / 2)
    for (let i = 0; i < 400; i++) story.propose('ann', `${i} ${'ü😀'.repeat(200)}`)
    const op = synthesisOf(
      defaultConclusion(story.records, story.genesis),
      story.question.id,
      story.records,
      story.genesis,
      true,
    )
    expect(canonicalBytes(op).length).toBeLessThan(story.genesis.limits.op)
    expect(op.claims.length).toBeGreaterThan(5)
    expect(op.content).toMatch(/more in the space$| …$/)
    expect(op.content.isWellFormed()).toBe(true)
    expect(op.partial).toBe(true)
  })
})

describe("an agent's conclusion", () => {
  it('keeps only references that stand, and only claims that rest on something', () => {
    const story = new Story(VERIFIERS)
    const lie = story.fact('liar', 'Rome', 'closed')
    refute(story, lie.id, 'ann', 'bob')
    const proposal = story.propose('ann', 'Fly')
    const conclusion = {
      content: 'Fly.',
      claims: [
        { text: 'Fly', references: [proposal.id, lie.id, 'x'.repeat(32)] },
        { text: 'Rome is closed', references: [lie.id] },
      ],
    }
    expect(synthesisOf(conclusion, story.question.id, story.records, story.genesis, false)).toEqual({
      k: 'synthesis',
      for: story.question.id,
      content: 'Fly.',
      claims: [{ text: 'Fly', references: [proposal.id] }],
    })
  })
})
