/** What a peer may conclude of agents from the questions it was there for, and from what the mesh's verifiers say. */
import { type AgentId, agentIdOf, type Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { reputationOf, trackRecords } from '../../../../packages/context/src/index.ts'
import { identity } from '../../../simulation/space.ts'
import { ViewStory } from './view-story.ts'

const commons = new ViewStory()
const agent = (n: number, name: string): AgentId => agentIdOf(identity(n).peerId, name)

/** A question asked by 0; 1, 2 and 3 offer and propose, 1 concludes from what `cited` gives. */
function asked(cited: (proposals: Rec[]) => Rec[]) {
  const story = new ViewStory()
  const question = story.say(0, { k: 'broadcast', query: 'Which way?' })
  const proposals = [1, 2, 3].map(n => {
    story.say(n, { k: 'capability_match', for: question.id, confidence: 0.9, offer: 'help', agent: `a${n}` })
    return story.say(n, { k: 'proposal', for: question.id, content: `way ${n}`, agent: `a${n}` })
  })
  const references = cited(proposals).map(({ id }) => id)
  const synthesis = story.say(1, {
    k: 'synthesis',
    for: question.id,
    content: 'that way',
    claims: [{ text: 'that way', references }],
    agent: 'a1',
  })
  return { story, proposals, synthesis }
}

const experienceOf = (n: number, ...stories: ViewStory[]) =>
  Object.fromEntries(
    trackRecords({
      spaces: stories.map(({ genesis, records }, i) => ({ id: `space ${i}`, genesis, records })),
      self: identity(n).publicKey,
      commons,
    }),
  )

describe('a track record', () => {
  it('counts the questions whose conclusion rests on what an agent said', () => {
    const { story } = asked(([, second, third]) => [second, third] as Rec[])
    expect(experienceOf(0, story, story)).toEqual({
      [agent(2, 'a2')]: { upheld: 2, fallen: 0 },
      [agent(3, 'a3')]: { upheld: 2, fallen: 0 },
    })
  })

  it('is not made by citing oneself, unless the verifiers stand behind the conclusion', () => {
    const { story, synthesis } = asked(([own]) => [own] as Rec[])
    expect(experienceOf(0, story)).toEqual({})
    for (const n of [0, 2]) story.verify(n, synthesis, 1)
    expect(experienceOf(0, story)).toEqual({ [agent(1, 'a1')]: { upheld: 1, fallen: 0 } })
  })

  it('suffers from what the verifiers refuted', () => {
    const { story, proposals } = asked(([, second]) => [second] as Rec[])
    for (const n of [0, 1]) story.verify(n, proposals[2] as Rec, -1)
    expect(experienceOf(0, story)).toEqual({
      [agent(2, 'a2')]: { upheld: 1, fallen: 0 },
      [agent(3, 'a3')]: { upheld: 0, fallen: 1 },
    })
  })

  it('takes in what enough of the mesh’s verifiers say was found elsewhere, once for each question', () => {
    const story = new ViewStory()
    const found = (space: string, by: AgentId[]) => {
      const result = { space, synthesis: 's'.repeat(32), content: 'so', claims: [], by }
      return story.say(1, { k: 'solved', q: 'q', problem: 'Which way?', result })
    }
    const [trusted, again] = [
      found(`${'S'.repeat(42)}A`, [agent(5, 'a')]),
      found(`${'S'.repeat(42)}A`, [agent(5, 'a')]),
    ]
    found(`${'T'.repeat(42)}A`, [agent(6, 'liar')])
    for (const record of [trusted, again]) story.verify(2, record, 1)
    const known = trackRecords({ spaces: [], self: identity(0).publicKey, commons: story })
    expect([...known]).toEqual([[agent(5, 'a'), { upheld: 1, fallen: 0 }]])
  })

  it('does not come from spaces whose end this peer cannot answer for', () => {
    const { story } = asked(([, second]) => [second] as Rec[])
    expect(experienceOf(7, story)).toEqual({})
  })
})

it('reputation is neutral before the first case, and stays within 0 and 1', () => {
  expect(reputationOf({ upheld: 0, fallen: 0 })).toBe(0.5)
  expect(reputationOf({ upheld: 3, fallen: 0 })).toBe(0.8)
  expect(reputationOf({ upheld: 0, fallen: 3 })).toBe(0.2)
  expect(reputationOf({ upheld: 1e6, fallen: 0 })).toBeLessThan(1)
})
