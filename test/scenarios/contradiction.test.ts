/** Two agents contradict each other; whoever is uninvolved mediates. No agent was made for it. */

import { conflicts } from '@amp-mesh/context'
import { expect, it, onTestFinished } from 'vitest'
import { specialist, TRIP, TRUTH } from './specialists.ts'
import { askAll, ended, said, seed, seeded, spaceOf, Village } from './village.ts'

const mediators: string[] = []

it.each([seed, seed + 1, seed + 2])(
  '[P4.mediate] two agents contradict each other, an uninvolved one mediates (seed %i)',
  async run => {
    const village = await Village.found()
    onTestFinished(() => village.close())
    // whoever mediated before takes a side now, so somebody else has to
    const before = mediators.slice(-1)
    const rest = ['amber', 'basil', 'cedar', 'dill', 'elder'].filter(name => !before.includes(name))
    const names = [...before, ...shuffled(rest, seeded(run))]
    const [right, wrong, ...others] = names as [string, string, ...string[]]
    const capability = 'book travel to New York: flights, hotel, marathon weekend'
    const asker = await village.peer('asker')
    const agents = [
      specialist(right, capability, {
        facts: [['marathon', 'date', '2026-11-01']],
        proposes: 'Travel for 1 November.',
      }),
      specialist(wrong, capability, { facts: [['marathon', 'date', '2026-11-08']], proposes: 'Book the week after.' }),
      ...others.map(name => specialist(name, capability, { checks: TRUTH })),
    ]
    for (const agent of agents) await village.peer(agent.name, [agent])
    await village.gathered()

    const done = ended(await askAll(asker, TRIP))

    expect(done.outcome).toBe('concluded')
    const { replica, genesis } = spaceOf(asker, done.space)
    const [conflict] = conflicts(replica.records, genesis)
    expect(conflict?.state).toBe('settled')
    const mediations = said(asker, done.space, 'build_on').filter(({ op }) => op.parent === conflict?.record?.id)
    const mediator = mediations[0]?.op.agent
    expect(others).toContain(mediator)
    expect(mediations[0]?.op.content).toMatch(/2026-11-08.*does not hold/s)
    const cited = new Set(done.synthesis?.op.claims.flatMap(({ references }) => references))
    const lie = said(asker, done.space, 'fact').find(({ op }) => op.o === '2026-11-08')
    expect(cited.has(lie?.id ?? '')).toBe(false)
    mediators.push(mediator ?? '')
  },
)

it('it was not the same one each time', () => {
  expect(new Set(mediators).size).toBeGreaterThan(1)
})

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map(item => ({ item, lot: random() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ item }) => item)
}
