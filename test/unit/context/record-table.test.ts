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
      for (const each of ids) {
        const record = recordOf(each)
        expect(table.add(record)).toBe(!map.has(each))
        if (!map.has(each)) map.set(each, record)
      }
      expect([...table.all()]).toEqual([...map.values()])
      expect(table.size).toBe(map.size)
      for (const each of [...ids, ...others]) expect(table.get(each)).toBe(map.get(each))
      table.clear()
      expect([table.size, table.get(ids[0] ?? '')]).toEqual([0, undefined])
    })
    fc.assert(property, { numRuns: 30 })
  })
})
