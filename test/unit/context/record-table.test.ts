/** A table of records finds what a Map would, also where ids were ground to crowd in one place. */
import type { Rec } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordTable } from '../../../packages/context/src/record-table.ts'

const recordOf = (id: string): Rec => ({
  id,
  by: 'by',
  log: 'log',
  seq: 0,
  n: 0,
  time: 0,
  op: { k: 'retract', of: id },
})
/** With heads that are few, or that nearly all differ. */
const id = fc
  .tuple(fc.constantFrom('aaaaaa', 'bbbbbb', ''), fc.nat(2_000))
  .map(([head, n]) => `${head}${head === '' ? Math.imul(n, 0x9e3779b1).toString(36) : n}`.padEnd(32, '_'))

describe('a table of records', () => {
  it('holds, finds and counts what a Map would', () => {
    const property = fc.property(fc.array(id, { maxLength: 1_500, size: 'max' }), fc.array(id), (ids, others) => {
      const [table, map] = [new RecordTable(), new Map<string, Rec>()]
      const added = ids.filter(each => table.add(recordOf(each)))
      for (const each of ids) if (!map.has(each)) map.set(each, recordOf(each))
      expect(added).toEqual([...map.keys()])
      expect([...table.all()]).toEqual([...map.values()])
      const asked = [...ids, ...others]
      expect(asked.map(each => table.get(each)?.id)).toEqual(asked.map(each => map.get(each)?.id))
      table.clear()
      expect([table.size, ids.find(each => table.get(each) !== undefined)]).toEqual([0, undefined])
    })
    fc.assert(property, { numRuns: 20 })
  })
})
