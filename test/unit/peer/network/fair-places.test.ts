/** Places are shared among networks, not among addresses: those are cheap. */
import { describe, expect, it } from 'vitest'
import { byTurns, subnetOf, whoYields } from '../../../../packages/peer/src/network/fair-places.ts'

describe('subnetOf', () => {
  it.each([
    ['10.1.2.3', '10.1.2'],
    ['::ffff:10.1.2.3', '10.1.2'],
    ['2001:db8:7:9::1', '2001:db8:7'],
    ['2001:db8::1', '2001:db8:0'],
    ['::1', '0:0:0'],
  ])('of %s is %s', (ip, subnet) => {
    expect(subnetOf(ip)).toBe(subnet)
  })
})

describe('whoYields', () => {
  const yields = (newcomer: string, holders: string[]) => whoYields(subnetOf(newcomer), holders, subnetOf)

  it('is the youngest of the network that has most', () => {
    expect(yields('10.0.9.1', ['10.0.1.1', '10.0.2.1', '10.0.1.2', '10.0.1.3'])).toBe('10.0.1.3')
  })

  it('is nobody where the newcomer’s network has as many, or would then', () => {
    expect(yields('10.0.1.9', ['10.0.1.1', '10.0.1.2'])).toBeUndefined()
    expect(yields('10.0.2.9', ['10.0.1.1', '10.0.1.2', '10.0.2.1'])).toBeUndefined()
    expect(yields('10.0.2.9', ['10.0.1.1', '10.0.1.2', '10.0.1.3', '10.0.2.1'])).toBe('10.0.1.3')
    expect(yields('10.0.2.9', ['10.0.1.1'])).toBeUndefined()
  })

  it('ends with equal shares, however many addresses one network has', () => {
    const holders = Array.from({ length: 12 }, (_, n) => `10.0.1.${n}`)
    const come = (ip: string) => {
      const yielding = yields(ip, holders)
      if (yielding === undefined) return
      holders.splice(holders.indexOf(yielding), 1)
      holders.push(ip)
    }
    for (let n = 0; n < 20; n++) for (const net of [1, 2, 3]) come(`10.0.${net}.${100 + n}`)
    const counts = [1, 2, 3].map(net => holders.filter(ip => ip.startsWith(`10.0.${net}.`)).length)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    expect(holders).toContain('10.0.1.0')
  })
})

describe('byTurns', () => {
  const subnet = (each: string) => each[0] ?? ''

  it('takes one of each network before a second of any, in the order they have', () => {
    expect(byTurns(['a1', 'a2', 'a3', 'b1', 'c1', 'c2'], subnet, () => false)).toEqual([
      ...['a1', 'b1', 'c1'],
      ...['a2', 'c2', 'a3'],
    ])
  })

  it('lets networks wait for as many turns as they hold places, wherever their holders stand', () => {
    const holders = new Set(['a3', 'a4', 'b9'])
    expect(byTurns(['a1', 'a3', 'b1', 'c1', 'c2', 'a4', 'b9'], subnet, each => holders.has(each))).toEqual([
      ...['c1', 'b1'],
      ...['c2', 'a1'],
    ])
  })
})
