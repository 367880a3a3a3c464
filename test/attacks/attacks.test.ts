/** Attacks on real peers, with their guards and without: none may get through, and many must. */
import { expect, it } from 'vitest'
import type { Attack } from './attack.ts'
import { BREACHES_WITHOUT_GUARDS, breaches, campaign, type Row } from './campaign.ts'
import { ATTACKS } from './rows.ts'

async function made(attacks: readonly Attack[], guarded: boolean): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of campaign(attacks, guarded)) rows.push(row)
  return rows
}

it('[G1.attacks] none of those that take no seconds gets through', async () => {
  const short = ATTACKS.filter(({ isLong }) => isLong !== true)
  expect(breaches(await made(short, true))).toEqual([])
})

it('[G1.attacks] with the guards switched off, those that guards stop get through', async () => {
  const stoppedByGuards = ATTACKS.filter(({ needsGuard }) => needsGuard === true)
  expect(stoppedByGuards.length).toBeGreaterThanOrEqual(BREACHES_WITHOUT_GUARDS)
  // every fifth: `npm run attacks` makes them all
  const some = stoppedByGuards.filter((_, i) => i % 5 === 0)
  const rows = await made(some, false)
  expect(rows.filter(({ outcome }) => !outcome.breach)).toEqual([])
})

it('there are at least fifteen attacks besides those of the study, each with a number of its own', () => {
  const numbers = ATTACKS.map(({ n }) => n)
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(numbers.filter(n => n > 55).length).toBeGreaterThanOrEqual(15)
})
