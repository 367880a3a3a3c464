/** The views: what the records of a space amount to. */

import {
  cancelled,
  conclusion,
  conflicts,
  converged,
  coordinators,
  facts,
  functionalSlot,
  needs,
  offers,
  question,
  settleHeads,
  status,
  threads,
  unsettled,
  weightyHeads,
} from '@amp-mesh/context'
import { peerIdOf, type Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { identity } from '../../../simulation/space.ts'
import { fact, ViewStory } from './view-story.ts'

describe('status', () => {
  it('goes from proposed over contested to verified, and back', () => {
    const story = new ViewStory()
    const said = story.say(0, fact(1))
    expect(story.status(said)).toBe('proposed')
    story.verify(0, said, 1)
    expect(story.status(said), 'own verdict').toBe('proposed')
    story.verify(1, said, 1)
    expect(story.status(said)).toBe('contested')
    const second = story.verify(2, said, 1)
    expect(story.status(said)).toBe('verified')
    story.verify(1, said, 0)
    expect(story.status(said), 'withdrawn').toBe('contested')
    story.verify(1, said, 1)
    story.say(2, { k: 'retract', of: second.id })
    expect(story.status(said), 'verdict retracted').toBe('contested')
  })

  it('is refuted, and disputed when both quorums stand', () => {
    const story = new ViewStory({ verifiers: [0, 1, 2, 3, 4].map(identity) })
    const said = story.say(0, fact(1))
    for (const n of [1, 2]) story.verify(n, said, -1)
    expect(story.status(said)).toBe('refuted')
    for (const n of [3, 4]) story.verify(n, said, 1)
    expect(story.status(said)).toBe('disputed')
  })

  it('is retracted by its author alone, by a retract or a successor', () => {
    const story = new ViewStory()
    const [a, b, c] = [story.say(0, fact(1)), story.say(0, fact(2)), story.say(0, fact(3))]
    story.say(0, { k: 'retract', of: a.id })
    story.say(0, fact(4, { sup: b.id }))
    story.say(1, { k: 'retract', of: c.id })
    expect([a, b, c].map(record => story.status(record))).toEqual(['retracted', 'superseded', 'proposed'])
  })

  it('asks for as many domains as the policy says', () => {
    const story = new ViewStory({ domains: 2, operator: n => (n < 3 ? 'one' : 'other') })
    const said = story.say(0, fact(1))
    story.verify(1, said, 1)
    story.verify(2, said, 1)
    expect(story.status(said)).toBe('contested')
    story.verify(3, said, 1)
    expect(story.status(said)).toBe('verified')
    expect(facts(story.records, story.genesis)[0]?.supports).toHaveLength(3)
  })

  it('of a record that is not here says nothing for or against it', () => {
    const story = new ViewStory()
    expect(status(story.records, story.genesis, 'x'.repeat(32))).toBe('proposed')
  })
})

const ask = (story: ViewStory) => story.say(0, { k: 'broadcast', query: 'q' })
const offer = (story: ViewStory, n: number, asked: Rec, confidence = 0.5, agent = 'a') =>
  story.say(n, { k: 'capability_match', for: asked.id, confidence, offer: 'o', agent })
const settle = (story: ViewStory, n: number, agent = 'a') =>
  story.say(n, { k: 'settle', heads: settleHeads(story.records), agent })

describe('question, offers and needs', () => {
  it('the founder asks and cancels; what others do as if they were the founder does not count', () => {
    const story = new ViewStory()
    story.say(1, { k: 'broadcast', query: 'not mine' })
    expect(question(story.records, story.genesis)).toBeUndefined()
    const asked = ask(story)
    ask(story)
    expect(question(story.records, story.genesis)?.id).toBe(asked.id)
    story.say(1, { k: 'cancel', for: asked.id })
    expect(cancelled(story.records, story.genesis)).toBeUndefined()
    story.say(0, { k: 'cancel', for: asked.id })
    expect(cancelled(story.records, story.genesis)?.by).toBe(identity(0).publicKey)
  })

  it('one offer per agent, its latest, until it refuses', () => {
    const story = new ViewStory()
    const asked = ask(story)
    offer(story, 1, asked, 0.2)
    const second = offer(story, 1, asked, 0.9)
    offer(story, 1, asked, 0.4, 'b')
    offer(story, 2, asked, 0.3)
    expect(offers(story.records).map(({ op }) => op.confidence)).toEqual([0.9, 0.4, 0.3])
    story.say(2, { k: 'refuse', for: second.id, why: 'not mine', agent: 'a' })
    story.say(2, { k: 'refuse', for: asked.id, why: 'too busy', agent: 'a' })
    expect(offers(story.records).map(({ op }) => op.confidence)).toEqual([0.9, 0.4])
    offer(story, 2, asked, 0.6)
    expect(offers(story.records)).toHaveLength(3)
    expect(offers(story.records, second.id)).toEqual([])
  })

  it('a need is met by what answers or cites it and stands', () => {
    const story = new ViewStory()
    const need = story.say(1, { k: 'need', content: 'n' })
    const state = () => needs(story.records, story.genesis)[0]?.state
    story.say(2, { k: 'concern', parent: need.id, content: 'why?' })
    expect(state()).toBe('open')
    const answer = story.say(2, { k: 'build_on', parent: need.id, content: 'here' })
    expect(state()).toBe('met')
    for (const n of [0, 3]) story.verify(n, answer, -1)
    expect(state()).toBe('open')
    story.say(3, { k: 'proposal', for: need.id, content: 'better' })
    expect(state()).toBe('met')
  })
})

describe('threads', () => {
  it('hang answers under what they answer, however deep', () => {
    const story = new ViewStory()
    const asked = ask(story)
    const proposal = story.say(1, { k: 'proposal', for: asked.id, content: 'p' })
    let parent: Rec = proposal
    for (let i = 0; i < 20; i++) parent = story.say(i % 4, { k: 'build_on', parent: parent.id, content: `${i}` })
    const gone = story.say(2, { k: 'concern', parent: proposal.id, content: 'c' })
    story.say(2, { k: 'retract', of: gone.id })
    const lost = story.say(3, { k: 'concern', parent: 'x'.repeat(32), content: 'lost' })
    const roots = threads(story.records)
    expect(roots[0]?.record.id).toBe(asked.id)
    expect(roots.map(({ record }) => record.id)).toContain(lost.id)
    expect(roots[0]?.replies.map(({ record }) => record.id)).toEqual([proposal.id])
    expect(roots[0]?.replies[0]?.replies).toHaveLength(1)
  })
})

describe('conflicts', () => {
  it('in a slot are open until at most one side stands', () => {
    const story = new ViewStory()
    const slot = functionalSlot('sky', 'colour')
    const blue = story.say(0, fact('blue', { slot }))
    story.say(1, fact('blue', { slot }))
    expect(conflicts(story.records, story.genesis)).toEqual([])
    const red = story.say(2, fact('red', { slot }))
    const [conflict] = conflicts(story.records, story.genesis)
    expect(conflict).toMatchObject({ id: `slot:${slot}`, state: 'open' })
    expect(conflict?.sides.map(side => side.length)).toEqual([2, 1])
    for (const n of [0, 3]) story.verify(n, red, -1)
    expect(conflicts(story.records, story.genesis)[0]?.state).toBe('settled')
    story.say(0, fact('azure', { slot, sup: blue.id }))
    expect(conflicts(story.records, story.genesis)[0]?.state).toBe('open')
  })

  it('are declared by anybody, and settled when a side is taken back', () => {
    const story = new ViewStory()
    const [a, b] = [story.say(1, fact(1)), story.say(2, fact(2))]
    const declared = story.say(3, { k: 'conflict', a: [a.id, b.id, 'x'.repeat(32)], why: 'both can not be' })
    story.say(3, { k: 'conflict', a: [a.id, 'x'.repeat(32)] })
    expect(conflicts(story.records, story.genesis)).toMatchObject([{ id: declared.id, state: 'open' }])
    story.say(2, { k: 'retract', of: b.id })
    expect(conflicts(story.records, story.genesis)).toMatchObject([{ state: 'settled' }])
  })

  it('are mediated by whoever is uninvolved, in an order that depends on the conflict', () => {
    const story = new ViewStory({ verifiers: [0, 1, 2, 3, 4, 5, 6].map(identity) })
    const asked = ask(story)
    for (const n of [1, 2, 3, 4, 5, 6]) offer(story, n, asked)
    const cited = story.say(5, fact('cited'))
    const firsts = new Set<string>()
    for (let i = 0; i < 12; i++) {
      const a = story.say(1, { k: 'proposal', for: asked.id, content: `a${i}`, references: [cited.id] })
      const b = story.say(2, { k: 'proposal', for: asked.id, content: `b${i}` })
      story.verify(3, a, 1)
      const declared = story.say(6, { k: 'conflict', a: [a.id, b.id] })
      const conflict = conflicts(story.records, story.genesis).find(each => each.id === declared.id)
      const keys = conflict?.mediators.map(({ author }) => peerIdOf(author)).sort()
      expect(keys).toEqual([4, 6].map(n => identity(n).peerId).sort())
      firsts.add(conflict?.mediators[0]?.author ?? '')
    }
    expect(firsts.size).toBe(2)
  })
})

describe('coordinators', () => {
  it('are ordered by what others took up, then by confidence', () => {
    const story = new ViewStory()
    const asked = ask(story)
    for (const [n, confidence] of [
      [1, 0.3],
      [2, 0.9],
      [3, 0.5],
    ] as const)
      offer(story, n, asked, confidence)
    const order = () => coordinators(story.records, story.genesis).map(({ author }) => author)
    const keys = (...ns: number[]) => ns.map(n => identity(n).publicKey)
    expect(order()).toEqual(keys(2, 3, 1))
    const idea = story.say(1, { k: 'proposal', for: asked.id, content: 'idea', agent: 'a' })
    story.say(1, { k: 'build_on', parent: idea.id, content: 'my own', agent: 'a' })
    expect(order(), 'own build-ons do not count').toEqual(keys(2, 3, 1))
    story.say(3, { k: 'build_on', parent: idea.id, content: 'more', agent: 'a' })
    expect(order()).toEqual(keys(1, 2, 3))
    for (const n of [0, 2]) story.verify(n, idea, -1)
    expect(order(), 'refuted work does not count').toEqual(keys(2, 3, 1))
  })
})

describe('convergence and conclusion', () => {
  it('needs a settle of every offerer over all that matters', () => {
    const story = new ViewStory()
    const asked = ask(story)
    expect(converged(story.records, new Set()), 'nobody offered').toBe(false)
    for (const n of [1, 2]) offer(story, n, asked)
    const idea = story.say(1, { k: 'proposal', for: asked.id, content: 'idea', agent: 'a' })
    settle(story, 1)
    expect(unsettled(story.records, new Set()).map(({ author }) => author)).toEqual([identity(2).publicKey])
    expect(converged(story.records, new Set([identity(2).publicKey]))).toBe(true)
    settle(story, 2)
    expect(converged(story.records, new Set())).toBe(true)
    offer(story, 2, asked, 0.9)
    story.say(0, { k: 'admit', pub: identity(9).publicKey })
    expect(converged(story.records, new Set()), 'weightless records').toBe(true)
    story.verify(3, idea, 1)
    expect(unsettled(story.records, new Set()), 'a verdict matters').toHaveLength(2)
    expect(weightyHeads(story.records)).toHaveLength(3)
    settle(story, 1)
    settle(story, 2, 'b')
    expect(converged(story.records, new Set()), 'the settle of another agent').toBe(false)
    story.say(2, { k: 'settle', heads: settleHeads(story.records) })
    expect(converged(story.records, new Set()), 'the settle of the whole peer').toBe(true)
  })

  it('takes the synthesis most offerers settled after, and none that rests on what fell', () => {
    const story = new ViewStory()
    const asked = ask(story)
    for (const n of [1, 2, 3]) offer(story, n, asked)
    const idea = story.say(1, { k: 'proposal', for: asked.id, content: 'idea', agent: 'a' })
    const conclude = (n: number, ...references: string[]) =>
      story.say(n, {
        k: 'synthesis',
        for: asked.id,
        content: `by ${n}`,
        claims: [{ text: 't', references }],
        agent: 'a',
      })
    const made = [conclude(1, idea.id), conclude(2, idea.id)].sort((a, b) => (a.id < b.id ? -1 : 1))
    const missing = conclude(3, 'x'.repeat(32))
    const view = () => conclusion(story.records, story.genesis)
    expect(view().synthesis?.id, 'the lowest id').toBe(made[0]?.id)
    expect(view().superseded.map(({ id }) => id)).toEqual([made[1]?.id])
    expect(view().invalid.map(({ id }) => id)).toEqual([missing.id])
    const later = made[1] as Rec
    story.say(3, { k: 'settle', heads: [[later.log, later.seq]], agent: 'a' })
    expect(view().synthesis?.id, 'the one that was settled on').toBe(later.id)
    story.say(1, { k: 'retract', of: idea.id })
    expect(view()).toMatchObject({ synthesis: undefined, superseded: [] })
    expect(view().invalid).toHaveLength(3)
  })
})
