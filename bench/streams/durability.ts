/** Durable letters a second, and that each acknowledgement has its own confirmation of the disk before it. */
import { compare, type Effort, type Row } from './comparison.ts'
import { Rival } from './rival.ts'
import { syncsDuring } from './syncs.ts'

export interface Durability {
  rows: Row[]
  /** fdatasync calls of the receiver for a letter sent alone; undefined where no strace can tell. */
  syncsALetter?: number
}

const ALONE = 30

export async function durability(effort: Effort, tell: (word: string) => void): Promise<Durability> {
  const rows = await compare(['amp-durable', 'level-tcp'], effort, tell)
  const rival = await Rival.start('amp-durable')
  const calls = await syncsDuring(rival.pid, async () => void (await rival.roundTrips(ALONE)))
  await rival.close()
  return { rows, ...(calls !== undefined && { syncsALetter: calls / ALONE }) }
}
