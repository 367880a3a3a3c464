/** The index: the same answers whatever the order of arrival, and a version that tells of every change. */

import { type Opaque, Records } from '@amp-mesh/context'
import type { Op, Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'

const id = (name: string) => name.padEnd(32, '-')
const record = (name: string, by: string, time: number, op: Op): Rec => {
  return { id: id(name), by, log: by, seq: time, n: time, time, op }
}
const msg = (name: string, by: string, time: number, to = 'thread') =>
  record(name, by, time, { k: 'msg', in: id(to), text: name })

describe('records', () => {
  it('come live and in order of time, log and number', () => {
    const records = new Records()
    records.add([msg('c', 'B', 2), msg('d', 'A', 3), msg('b', 'A', 2), msg('a', 'B', 1)])
    expect(records.of('msg').map(({ op }) => op.text)).toEqual(['a', 'b', 'c', 'd'])
    records.add([
      record('r', 'A', 9, { k: 'retract', of: id('b') }),
      record('q', 'A', 9, { k: 'retract', of: id('c') }),
    ])
    expect(records.of('msg').map(({ op }) => op.text)).toEqual(['a', 'c', 'd'])
    expect(records.history('msg')).toHaveLength(4)
    expect(records.referencing(id('thread')).map(each => each.id)).toEqual(['a', 'c', 'd'].map(id))
    expect([records.standing(id('b')), records.standing(id('z'))]).toEqual(['retracted', undefined])
  })

  it('may be retracted before they come', () => {
    const records = new Records()
    records.add([record('r', 'A', 9, { k: 'retract', of: id('b') })])
    records.add([msg('b', 'A', 2)])
    expect(records.isLive(id('b'))).toBe(false)
  })

  it('count opaque ones, and know their ids', () => {
    const opaque: Opaque = { id: id('o'), by: 'A', log: 'A', seq: 7, n: 7, time: 7 }
    const records = new Records()
    records.add([opaque, msg('a', 'B', 1), opaque])
    expect([records.size, records.opaque, records.has(id('o')), records.get(id('o'))]).toEqual([1, 1, true, undefined])
    expect(records.heads()).toEqual([
      ['A', 7],
      ['B', 1],
    ])
  })

  it('change their version with every change, and start again after a reset', () => {
    const records = new Records()
    const versions = [records.version]
    records.add([msg('a', 'A', 1), msg('b', 'A', 2)])
    versions.push(records.version)
    records.reset([msg('a', 'A', 1)])
    versions.push(records.version)
    expect(new Set(versions).size).toBe(3)
    expect([records.size, records.of('msg').length, records.heads()]).toEqual([1, 1, [['A', 1]]])
  })
})
