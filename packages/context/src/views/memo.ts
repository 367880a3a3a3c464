/** A view remembered as long as the records it was computed from do not change. */
import type { Genesis } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'

/** `view`, computed once per version of an index. Its result must not be changed by who gets it. */
export function memoised<T>(view: (records: Records, genesis: Genesis) => T): typeof view {
  const memory = new WeakMap<Records, { version: number; genesis: Genesis; value: T }>()
  return (records, genesis) => {
    const known = memory.get(records)
    if (known?.version === records.version && known.genesis === genesis) return known.value
    const value = view(records, genesis)
    memory.set(records, { version: records.version, genesis, value })
    return value
  }
}
