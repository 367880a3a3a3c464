/**
 * A process that writes into a space as fast as its disk lets it, until it is killed. It reports what was acknowledged,
 * and how long each file of the store was then: so much of it is synced.
 */
import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordId, Storage } from '@amp-mesh/protocol'
import { openReplica, storyFolder } from './stored-space.ts'

export interface Acknowledged {
  readonly readings: readonly (readonly [id: RecordId, reading: number])[]
  readonly synced: Readonly<Record<string, number>>
}

/** Records of one append: single ones and batches, so that entries of many sizes lie in the store. */
const BATCHES = [1, 1, 1, 7, 60]

process.on('disconnect', () => process.exit(0))
const folder = await storyFolder(process.argv[2] as string)
let synced: Record<string, number> = {}
const replica = await openReplica(folder, measured(folder.storage))
for (let reading = replica.records.size, n = 0; ; n++) {
  const readings = Array.from({ length: BATCHES[n % BATCHES.length] as number }, () => reading++)
  const facts = readings.map(o => ({ k: 'fact', s: 'station', p: 'reads', o, text: 'x'.repeat(o % 200) }) as const)
  const records = await replica.append(facts)
  const acknowledged: Acknowledged = { readings: records.map(({ id }, i) => [id, readings[i] as number]), synced }
  process.send?.(acknowledged)
}

function measured(storage: Storage): Storage {
  const store = join(folder.path, 'store')
  return {
    life: storage.life,
    get: key => storage.get(key),
    range: (from, to) => storage.range(from, to),
    close: () => storage.close(),
    async write(ops) {
      await storage.write(ops)
      const names = (await readdir(store)).filter(name => name.endsWith('.log'))
      synced = Object.fromEntries(names.flatMap(name => lengthOf(join(store, name)).map(length => [name, length])))
    },
  }
}

/** Nothing for a file that has gone meanwhile. */
function lengthOf(path: string): number[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? [] : [stat.size]
}
