/** Changes of a ledger, taken into the index that views read. */
import type { Rec } from '@amp-mesh/protocol'
import type { Changes } from './ledger/changes.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Records } from './records.ts'

/** The readable records that are new to the index. */
export function indexed(records: Records, changes: Changes, ledger: Ledger): Rec[] {
  if (!changes.reset) {
    if (changes.records.length > 0) records.add(changes.records)
    return changes.records.filter(record => record.op !== undefined)
  }
  const before = new Set([...records.all()].map(record => record.id))
  records.reset(ledger.records())
  return [...records.all()].filter(record => !before.has(record.id))
}
