/** What a space knows, as seed 004 draws it: facts, hypotheses, relationships, threads, solved problems, gaps. */
import {
  discussions,
  facts,
  gaps,
  hypotheses,
  offerers,
  relationships,
  settleHeads,
  solutions,
  unsettled,
} from '@amp-mesh/context'
import type { Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { identity } from '../../../simulation/space.ts'
import { fact, ViewStory } from './view-story.ts'

const settle = (story: ViewStory, n: number, thread?: Rec) =>
  story.say(n, { k: 'settle', heads: settleHeads(story.records), ...(thread && { thread: thread.id }) })

describe('facts and hypotheses', () => {
  it('name who verified them', () => {
    const story = new ViewStory()
    const said = story.say(0, fact('New York'))
    const idea = story.say(0, { k: 'hyp', text: 'it rains in November', about: [said.id], conf: 0.6 })
    for (const n of [1, 2]) story.say(n, { k: 'verify', of: said.id, v: 1, agent: `agent-${n}` })
    story.say(3, { k: 'verify', of: idea.id, v: -1 })
    const [view] = facts(story.records, story.genesis)
    expect(view).toMatchObject({ status: 'verified' })
    expect(view?.verifiedBy).toEqual([1, 2].map(n => ({ author: identity(n).publicKey, agent: `agent-${n}` })))
    expect(hypotheses(story.records, story.genesis)).toMatchObject([
      { record: { op: { text: 'it rains in November' } }, status: 'contested', verifiedBy: [], refutes: [{}] },
    ])
    story.say(0, { k: 'hyp', text: 'it snows', sup: idea.id })
    expect(hypotheses(story.records, story.genesis).map(({ record }) => record.op.text)).toEqual(['it snows'])
  })

  it('are computed once for equal records', () => {
    const story = new ViewStory()
    story.say(0, fact(1))
    const view = facts(story.records, story.genesis)
    expect(facts(story.records, story.genesis)).toBe(view)
    story.say(0, fact(2))
    expect(facts(story.records, story.genesis)).toHaveLength(2)
  })
})

describe('relationships', () => {
  it('tie records and things, until an end is taken back', () => {
    const story = new ViewStory()
    const said = story.say(0, fact('New York'))
    const made = story.say(1, { k: 'link', s: said.id, p: 'implies', o: 'a flight' })
    expect(relationships(story.records)).toEqual([{ record: made, from: said, kind: 'implies', to: 'a flight' }])
    story.say(0, { k: 'retract', of: said.id })
    expect(relationships(story.records)).toEqual([])
  })
})

describe('discussions', () => {
  const names = (story: ViewStory) =>
    discussions(story.records).map(({ record, participants, status, messages }) => ({
      title: record.op.title,
      participants: participants.map(({ agent }) => agent),
      status,
      messages: messages.map(({ op }) => op.text),
    }))

  it('have those who spoke, and are closed by the settle of one of them that saw it all', () => {
    const story = new ViewStory()
    const dates = story.say(0, { k: 'thread', title: 'Which dates?', agent: 'guide' })
    const other = story.say(3, { k: 'thread', title: 'Which hotel?', agent: 'hotels' })
    const first = story.say(1, { k: 'msg', in: dates.id, text: 'The first week?', agent: 'flights' })
    story.say(0, { k: 'msg', in: dates.id, re: first.id, text: 'Yes.', agent: 'guide' })
    expect(names(story)).toEqual([
      {
        title: 'Which dates?',
        participants: ['guide', 'flights'],
        status: 'open',
        messages: ['The first week?', 'Yes.'],
      },
      { title: 'Which hotel?', participants: ['hotels'], status: 'open', messages: [] },
    ])
    const status = () => discussions(story.records).map(each => each.status)
    settle(story, 2, dates)
    expect(status(), 'of a bystander').toEqual(['open', 'open'])
    settle(story, 1)
    expect(status(), 'of one who names no thread').toEqual(['open', 'open'])
    const closed = settle(story, 1, dates)
    expect(status()).toEqual(['closed', 'open'])
    expect(discussions(story.records)[0]?.closed?.id).toBe(closed.id)
    story.say(1, { k: 'msg', in: dates.id, text: 'Or the second?', agent: 'flights' })
    expect(status(), 'the settle did not see this').toEqual(['open', 'open'])
    settle(story, 3, other)
    expect(status()).toEqual(['open', 'closed'])
    story.say(0, { k: 'retract', of: dates.id })
    expect(status()).toEqual(['closed'])
  })

  it('are settled apart from the question', () => {
    const story = new ViewStory()
    const asked = story.say(0, { k: 'broadcast', query: 'q' })
    story.say(1, { k: 'capability_match', for: asked.id, confidence: 1, offer: 'o', agent: 'a' })
    const thread = story.say(1, { k: 'thread', title: 't', agent: 'a' })
    settle(story, 1, thread)
    expect(unsettled(story.records, new Set())).toEqual(offerers(story.records))
    settle(story, 1)
    expect(unsettled(story.records, new Set())).toEqual([])
  })
})

describe('solved problems and gaps', () => {
  it('stand with the final first, then the verified, then the latest', () => {
    const story = new ViewStory()
    const solve = (n: number, result: string) => story.say(n, { k: 'solved', q: 'k', problem: 'p', result })
    const [one, two, three, four] = [solve(0, 'one'), solve(1, 'two'), solve(2, 'three'), solve(3, 'four')]
    const results = () =>
      solutions(story.records, story.genesis)
        .get('k')
        ?.map(({ record }) => record.op.result)
    expect(results()).toEqual(['four', 'three', 'two', 'one'])
    for (const n of [0, 2]) story.verify(n, two, 1)
    for (const n of [0, 1]) story.verify(n, four, -1)
    expect(results()).toEqual(['two', 'three', 'one'])
    for (const n of [1, 2]) story.certify(n, [1, 2, 3], one)
    expect(results()).toEqual(['one', 'two', 'three'])
    story.say(2, { k: 'retract', of: three.id })
    expect(results()).toEqual(['one', 'two'])
    expect(solutions(story.records, story.genesis).get('other')).toBeUndefined()
  })

  it('close gaps: verified ones, or those of the gap’s author', () => {
    const story = new ViewStory()
    const state = () => gaps(story.records, story.genesis).map(({ record, state }) => `${record.op.text} ${state}`)
    story.say(0, { k: 'gap', q: 'k', text: 'easy' })
    story.say(1, { k: 'gap', q: 'hard', text: 'hard', prio: 5 })
    expect(state()).toEqual(['hard open', 'easy open'])
    const solved = story.say(1, { k: 'solved', q: 'k', problem: 'p', result: 1 })
    expect(state(), 'nobody checked it').toEqual(['hard open', 'easy open'])
    for (const n of [2, 3]) story.verify(n, solved, 1)
    expect(state()).toEqual(['hard open', 'easy closed'])
    expect(gaps(story.records, story.genesis)[1]?.solution?.id).toBe(solved.id)
    const own = story.say(1, { k: 'solved', q: 'hard', problem: 'p', result: 2 })
    expect(state()).toEqual(['hard closed', 'easy closed'])
    for (const n of [2, 3]) story.verify(n, own, -1)
    expect(state(), 'refuted').toEqual(['hard open', 'easy closed'])
    const [first] = gaps(story.records, story.genesis)
    story.say(1, { k: 'retract', of: first?.record.id ?? '' })
    expect(state()).toEqual(['easy closed'])
  })
})
