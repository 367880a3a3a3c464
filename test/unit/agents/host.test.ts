/** Agents at work together: real hosts over real replicas, nobody in charge. */
import { defineAgent } from '@amp-mesh/agents'
import { conclusion, speakerOf } from '@amp-mesh/context'
import { AGENT_LIMITS, type Agent, type SpaceId, type Turn, type Verdict } from '@amp-mesh/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../until.ts'
import { Hamlet, type Villager } from './hamlet.ts'

let hamlet: Hamlet
beforeEach(() => {
  hamlet = new Hamlet()
})
afterEach(() => hamlet.close())

const agent = (name: string, contribute: Agent['contribute'], more: Partial<Agent> = {}) =>
  defineAgent({
    name,
    capabilities: [{ text: name }],
    offer: () => ({ confidence: 0.9, offer: 'help' }),
    contribute,
    ...more,
  })

/** Says a proposal in its first turn, and builds on each proposal of others that is new. */
const talker = (name: string, words: string) =>
  agent(name, async ({ news, say }) => {
    await say.propose(words)
    for (const record of news)
      if (record.op.k === 'proposal') await say.buildOn(record.id, `${name} adds to ${record.op.content}`)
  })

/** States one fact, and judges others' by what it knows to be true. */
const witness = (name: string, o: string | undefined, truth?: string) =>
  agent(
    name,
    async ({ say }) => {
      if (o !== undefined) await say.fact({ s: 'Rome', p: 'is', o, slot: 'rome' })
    },
    truth === undefined
      ? {}
      : { verify: ({ op }): Promise<Verdict> => Promise.resolve({ v: op.o === truth ? 1 : -1 }) },
  )

const concluded = (villager: Villager, id: SpaceId) => {
  const space = villager.space(id)
  return space === undefined ? undefined : conclusion(space.replica.records, space.genesis).synthesis
}

describe('three agents, no orchestrator', () => {
  it('offer, propose, build on each other, settle, and one of them concludes', async () => {
    const names = ['ann', 'bob', 'eve']
    for (const name of names) await hamlet.villager(name).hosts(talker(name, `${name} knows a way`))
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'How to get to Rome?')
    await until('a synthesis at all', () =>
      [...names, 'asker'].every(name => concluded(hamlet.villager(name), id) !== undefined),
    )

    expect(new Set(asker.said(id, 'capability_match').map(record => speakerOf(record).agent))).toEqual(new Set(names))
    expect(asker.said(id, 'proposal')).toHaveLength(3)
    const builds = asker.said(id, 'build_on')
    expect(builds).toHaveLength(6)
    const authorOf = (record: string) => asker.replica(id)?.records.get(record)?.by
    expect(builds.every(({ by, op }) => authorOf(op.parent) !== by)).toBe(true)
    expect(asker.said(id, 'synthesis')).toHaveLength(1)
    const synthesis = concluded(asker, id)
    expect(synthesis?.op.partial).toBeUndefined()
    expect(new Set(synthesis?.op.claims.flatMap(({ references }) => references.map(authorOf))).size).toBe(3)
    await until(
      'everybody acknowledged it',
      () =>
        new Set(
          asker
            .said(id, 'settle')
            .filter(({ time }) => time >= (synthesis?.time ?? 0))
            .map(({ by }) => by),
        ).size >= 2,
    )
  })

  it('are announced by their host, and withdrawn', async () => {
    const ann = await hamlet.villager('ann').hosts(talker('ann', 'x'), witness('ann-two', undefined))
    expect(ann.cards).toMatchObject([
      { name: 'ann', capabilities: [{ text: 'ann' }], operator: 'unstated', model: 'none', state: 'ready' },
      { name: 'ann-two' },
    ])
    await ann.host?.close()
    expect(ann.cards).toEqual([])
    await expect(ann.hosts(talker('ann', 'x'), talker('ann', 'y'))).rejects.toThrow('two agents are called "ann"')
  })
})

describe('a contradiction', () => {
  it('is pointed out, mediated by an uninvolved agent, and the false side does not reach the synthesis', async () => {
    await hamlet.villager('ann').hosts(witness('ann', 'far', 'far'))
    await hamlet.villager('liar').hosts(witness('liar', 'near', 'near'))
    for (const name of ['eve', 'joe']) await hamlet.villager(name).hosts(witness(name, undefined, 'far'))
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'How far is Rome?')
    await until('a synthesis', () => concluded(asker, id) !== undefined)
    const facts = asker.said(id, 'fact')
    const far = facts.find(({ op }) => op.o === 'far')
    const near = facts.find(({ op }) => op.o === 'near')
    const opinions = (of: string | undefined) => asker.said(id, 'verify').filter(({ op }) => op.of === of)
    expect(opinions(far?.id).filter(({ op }) => op.v === 1).length).toBeGreaterThanOrEqual(2)
    expect(opinions(near?.id).filter(({ op }) => op.v === -1).length).toBeGreaterThanOrEqual(2)
    expect(asker.said(id, 'verify').every(({ by, op }) => facts.find(fact => fact.id === op.of)?.by !== by)).toBe(true)
    const conflict = asker.said(id, 'conflict').find(({ op }) => op.a.includes(near?.id ?? ''))
    const words = asker.said(id, 'build_on').filter(({ op }) => op.parent === conflict?.id)
    expect(['eve', 'joe']).toContain(words[0]?.op.agent)
    expect(words[0]?.op.content).toContain('"Rome is near" does not hold')
    expect(words[0]?.op.content).toContain('What stands: "Rome is far"')
    const cited = concluded(asker, id)?.op.claims.flatMap(({ references }) => references)
    expect(cited).toContain(far?.id)
    expect(cited).not.toContain(near?.id)
  })

  it('that nobody can decide is said to be disputed, by one who is on no side', async () => {
    const plain = (name: string, words: string) => agent(name, async ({ say }) => void (await say.propose(words)))
    await hamlet.villager('ann').hosts(plain('ann', 'Fly'))
    await hamlet.villager('bob').hosts(plain('bob', 'Never ever take a plane'))
    await hamlet.villager('eve').hosts(
      agent('eve', async ({ knowledge, say }) => {
        const both = knowledge.of('proposal').map(({ id }) => id)
        if (both.length === 2 && knowledge.of('conflict').length === 0) await say.conflict(both, 'one of you is wrong')
      }),
    )
    await hamlet.villager('joe').hosts(agent('joe', async () => {}))
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'How to get to Rome?')
    await until('a synthesis', () => concluded(asker, id) !== undefined)
    const conflict = asker.said(id, 'conflict')[0]
    const words = asker.said(id, 'build_on').filter(({ op }) => op.parent === conflict?.id)
    expect(words).toHaveLength(1)
    expect(words[0]?.op.content).toContain('stays disputed')
    const sides = asker.said(id, 'proposal').map(({ by }) => by)
    expect(sides).not.toContain(words[0]?.by)
    expect(concluded(asker, id)?.op.claims.map(({ text }) => text)).toContain('Disputed: Fly')
  })
})

describe('speaking', () => {
  it('is not repeated: what another said is supported instead', async () => {
    const said: unknown[] = []
    const same = (name: string) =>
      agent(name, async ({ news, say }) => {
        if (name === 'bob' && news.length === 0) return
        said.push(await say.propose('Take the train to Rome'), await say.fact({ s: 'Rome', p: 'is', o: 'far' }))
      })
    await hamlet.villager('ann').hosts(same('ann'))
    await hamlet.villager('bob').hosts(same('bob'))
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'How to get to Rome?')
    await until('a synthesis', () => concluded(asker, id) !== undefined)
    expect(asker.said(id, 'proposal')).toHaveLength(1)
    expect(asker.said(id, 'fact')).toHaveLength(1)
    // the conclusion may have been endorsed by now
    const verdicts = asker.said(id, 'verify').filter(({ op }) => op.of !== concluded(asker, id)?.id)
    expect(verdicts.map(({ op }) => op.why)).toEqual(['found the same independently'])
    expect(said).toContain(undefined)
  })

  it('of nonsense is an error of the agent, which is started again, then parked', async () => {
    let starts = 0
    await hamlet.villager('ann').hosts(
      agent('ann', async ({ say }) => {
        starts++
        await say.propose('x'.repeat(10_000))
      }),
      talker('bob', 'Fly'),
    )
    const id = await hamlet.ask('asker', 'How to get to Rome?')
    const asker = hamlet.villager('asker')
    await until('the others conclude', () => concluded(asker, id) !== undefined)
    expect(starts).toBe(6)
    expect(asker.said(id, 'refuse').map(({ op }) => op.agent)).toEqual(['ann'])
    expect(hamlet.villager('ann').logged.join('\n')).toContain('not a sound proposal: content: Too big')
  }, 15_000)
})

describe('an agent that fails when it is asked whether it can help', () => {
  it('stays out of the question, and whoever runs it is told why', async () => {
    await hamlet.villager('ann').hosts(
      agent('ann', async () => {}, {
        offer: () => {
          throw new Error('no map')
        },
      }),
      talker('bob', 'Fly'),
    )
    const id = await hamlet.ask('asker', 'How to get to Rome?')
    const asker = hamlet.villager('asker')
    await until('the other concludes', () => concluded(asker, id) !== undefined)
    expect(asker.said(id, 'capability_match').map(({ op }) => op.agent)).toEqual(['bob'])
    expect(hamlet.villager('ann').logged.join('\n')).toMatch(/agent failed in offer.*no map/)
  })
})

describe('a need', () => {
  it('is filled by an agent that had nothing to offer for the question', async () => {
    await hamlet
      .villager('ann')
      .hosts(
        agent(
          'ann',
          async ({ say }) => void (await say.need('a visa application', { capability: 'apply for a visa' })),
        ),
      )
    const clerk = defineAgent({
      name: 'clerk',
      capabilities: [{ text: 'apply for a visa' }],
      async contribute({ knowledge, say }) {
        for (const need of knowledge.of('need')) await say.buildOn(need.id, 'I fill in the form')
      },
    })
    await hamlet.villager('bob').hosts(clerk)
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'Plan three days of museums')
    await until('the need is filled', () => asker.said(id, 'build_on').length > 0)
    const offers = asker.said(id, 'capability_match')
    const need = asker.said(id, 'need')[0]
    expect(offers.map(({ op }) => [op.agent, op.for === need?.id])).toEqual([
      ['ann', false],
      ['clerk', true],
    ])
  })
})

describe('the end', () => {
  it('of the coordinator is not the end: the next one writes', async () => {
    const sure = (name: string, confidence: number, synthesise: () => Promise<never>) => ({
      ...talker(name, `${name} knows`),
      offer: () => ({ confidence, offer: 'help' }),
      synthesise,
    })
    let asked = false
    const hang = () => {
      asked = true
      return new Promise<never>(() => {})
    }
    await hamlet.villager('ann').hosts(sure('ann', 1, hang))
    await hamlet
      .villager('bob')
      .hosts(agent('bob', async () => {}, { offer: () => ({ confidence: 0.5, offer: 'help' }) }))
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'How to get to Rome?')
    await until('the coordinator is at it', () => asked)
    expect(concluded(asker, id)).toBeUndefined()
    await hamlet.kill('ann')
    await until('another writes', () => concluded(asker, id) !== undefined)
    expect(concluded(asker, id)?.op.agent).toBe('bob')
    expect(concluded(asker, id)?.op.claims.map(({ text }) => text)).toEqual(['ann knows'])
  })

  it('comes within a second of a cancel, and nothing is written after it', async () => {
    let turn: Turn | undefined
    const aborted = Promise.withResolvers<void>()
    await hamlet.villager('ann').hosts(
      agent('ann', given => {
        turn = given
        given.signal.addEventListener('abort', () => aborted.resolve())
        return new Promise(() => {})
      }),
    )
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'How to get to Rome?')
    await until('the agent is at work', () => turn !== undefined)
    const started = performance.now()
    await asker.replica(id)?.append([{ k: 'cancel', for: turn?.question.id ?? '' }])
    await aborted.promise
    expect(performance.now() - started).toBeLessThan(1_000)
    await expect(turn?.say.propose('too late')).rejects.toThrow()
    expect(hamlet.villager('ann').said(id, 'proposal')).toEqual([])
  })

  it('of a host waits for the questions at hand, and takes no new ones', async () => {
    const go = Promise.withResolvers<void>()
    const slow = agent('ann', async ({ say }) => {
      await go.promise
      await say.propose('Fly')
    })
    const ann = await hamlet.villager('ann').hosts(slow)
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'How to get to Rome?')
    await until('the offer', () => asker.said(id, 'capability_match').length === 1)
    let closed = false
    const closing = ann.host?.close(new AbortController().signal).then(() => {
      closed = true
    })
    const late = await hamlet.ask('asker', 'How to get to Paris?')
    expect(closed).toBe(false)
    go.resolve()
    await closing
    expect(concluded(asker, id)?.op.claims.map(({ text }) => text)).toEqual(['Fly'])
    expect(asker.said(late, 'capability_match')).toEqual([])
  })

  it('of the budget brings what there is, marked as partial', async () => {
    await hamlet.villager('ann').hosts(
      agent('ann', async ({ say, signal }) => {
        await say.propose('Fly')
        await new Promise(resolve => signal.addEventListener('abort', resolve))
      }),
    )
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'How to get to Rome?', { budgetMs: 1_500 })
    await until('a synthesis', () => concluded(asker, id) !== undefined)
    expect(concluded(asker, id)?.op).toMatchObject({ partial: true, claims: [{ text: 'Fly' }] })
  })
})

describe('a restart', () => {
  it('goes on where it was: no second offer, nothing said twice', async () => {
    const ann = await hamlet.villager('ann').hosts(talker('ann', 'Fly'))
    let wait = true
    await hamlet.villager('bob').hosts(
      agent('bob', async ({ signal }) => {
        while (wait && !signal.aborted) await new Promise(resolve => setTimeout(resolve, 5))
      }),
    )
    const asker = hamlet.villager('asker')
    const id = await hamlet.ask('asker', 'How to get to Rome?')
    await until('the first proposal', () => asker.said(id, 'proposal').length === 1)
    await ann.restart(id, talker('ann', 'Fly'))
    wait = false
    await until('a synthesis', () => concluded(asker, id) !== undefined)
    expect(asker.said(id, 'capability_match')).toHaveLength(2)
    expect(asker.said(id, 'proposal')).toHaveLength(1)
  })
})

it('an agent without a place for a further question says so on its card, until it has one again', async () => {
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  const ann = hamlet.villager('ann')
  await ann.hosts(agent('slow', () => over))
  const asked = Array.from({ length: AGENT_LIMITS.spacesAtOnce }, (_, n) => n)
  expect(ann.cards.map(({ state }) => state)).toEqual(['ready'])
  await Promise.all(asked.map(n => hamlet.ask('asker', `How to get to Rome ${n}?`)))
  await until('ann says that she is busy', () => ann.cards[0]?.state === 'busy')
  end()
  await until('ann is ready again', () => ann.cards[0]?.state === 'ready')
})
