/** A small share of `npm run chaos`: kill -9, a power cut, a partition and a lost disk under load, then the auditor. */
import { expect, it } from 'vitest'
import { seed } from '../scenarios/village.ts'
import { chaos } from './chaos.ts'

it(`[G9.chaos] nothing acknowledged is lost and nothing takes effect twice (seed ${seed})`, async () => {
  const blows = { kills: 1, cuts: 1, partitions: 1, losses: 1, blackouts: 0 }
  const result = await chaos({ seed, messages: 300, members: 3, ...blows })
  expect(result).toMatchObject({ lost: [], twice: [] })
  expect(result.acknowledged).toBeGreaterThanOrEqual(300)
  expect(result.effects).toBeGreaterThanOrEqual(result.acknowledged)
})
