/** A question nobody here can answer: a clear word, soon, and a known unknown on record. */
import { expect, it, onTestFinished } from 'vitest'
import { flights, hotels } from './specialists.ts'
import { askAll, ended, said, Village } from './village.ts'

it('[P4.nobody] nobody can help: a clear answer and a recorded gap', async () => {
  const village = await Village.found()
  onTestFinished(() => village.close())
  const asker = await village.peer('asker')
  await village.peer('flights', [flights])
  await village.peer('hotels', [hotels])
  await village.gathered()

  const query = 'Prove the irrationality of zeta(5)'
  // those asked have a quarter of it to offer
  const happenings = await askAll(asker, query, { budgetMs: 20_000 })

  const done = ended(happenings)
  expect(done.outcome).toBe('no-agents')
  expect(done.synthesis).toBeUndefined()
  expect(happenings.filter(({ type }) => type === 'capability_match')).toEqual([])
  const gaps = said(asker, done.space, 'gap')
  expect(gaps.map(({ op }) => op.text)).toEqual([query])
})

it('nobody is there at all: the same, without waiting for the whole budget', async () => {
  const village = await Village.found()
  onTestFinished(() => village.close())
  const alone = await village.peer('alone')
  const done = ended(await askAll(alone, 'Is anybody there?', { budgetMs: 60_000 }))
  expect(done.outcome).toBe('no-agents')
  expect(done.concludedMs).toBeLessThan(30_000)
})
