/** An agent whose peer starts when the collaboration is under way still takes part in it. */
import type { Peer } from '@amp-mesh/peer'
import { expect, it, onTestFinished } from 'vitest'
import { flights, guide, hotels, specialist, TRIP } from './specialists.ts'
import { ended, said, Village } from './village.ts'

it('[P4.late] an agent joins late, and the synthesis rests on what it said too', async () => {
  const village = await Village.found()
  onTestFinished(() => village.close())
  const asker = await village.peer('asker')
  let late: Promise<Peer> | undefined
  const joined = Promise.withResolvers<void>()
  // the patient one is still thinking while the late one arrives
  const patient = specialist('patient', 'collects ideas for travel to New York, flights, hotel, weekend', {
    proposes: 'Leave the Sunday evening free.',
    first: () => joined.promise,
  })
  await village.peer('flights', [flights])
  await village.peer('hotels', [hotels])
  await village.peer('patient', [patient])
  await village.gathered()

  const happenings = []
  for await (const happening of asker.ask(TRIP, { budgetMs: 60_000 })) {
    happenings.push(happening)
    if (happening.type === 'proposal' && late === undefined) {
      late = village.peer('guide', [guide])
    }
    if (happening.type === 'build_on' && happening.agent?.endsWith('/guide')) joined.resolve()
  }

  const { space, synthesis, outcome } = ended(happenings)
  expect(outcome).toBe('concluded')
  const fromGuide = said(asker, space, 'build_on').filter(({ op }) => op.agent === 'guide')
  expect(fromGuide.length).toBeGreaterThan(0)
  const cited = new Set(synthesis?.op.claims.flatMap(({ references }) => references))
  expect(fromGuide.some(({ id }) => cited.has(id))).toBe(true)
})
