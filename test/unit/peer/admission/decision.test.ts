/** Who is let in: chains of random certificates, bent in every way, and lists of what was taken back. */
import { type Certificate, RIGHTS, type Right } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, mayCertify, type Revocation } from '../../../../packages/peer/src/admission/decision.ts'

const MESH = 'mesh'
const NOW = 1_000
const key = (n: number) => `key ${n}`
const ROOT = key(0)

/** Rights that may follow each other, `peer` last if it comes: an honest way from the mesh's key to a peer. */
const rightsOfChain: fc.Arbitrary<Right[]> = fc
  .array(fc.constantFrom<Right>('mesh', 'delegate', 'member'), { maxLength: 4 })
  .map(rights => [...rights].sort((a, b) => RIGHTS.indexOf(a) - RIGHTS.indexOf(b)))
  .chain(rights => fc.constantFrom<Right[]>([...rights, 'peer'], [...rights, 'member']))

const certified = (rights: readonly Right[]): Certificate[] =>
  rights.map((right, i) => ({
    ...{ v: 1, mesh: MESH, by: key(i), key: key(i + 1), right, from: 0, until: 2_000 + i, serial: `grant ${i}` },
  }))

const honest = rightsOfChain.map(certified)
const shown = (chain: readonly Certificate[]) => ({ mesh: MESH, root: ROOT, peer: chain.at(-1)?.key ?? ROOT, chain })
const listOf = (more: Partial<Revocation>): Revocation => ({
  ...{ serials: new Set(), keys: new Set(), right: 'mesh', issuers: new Set([ROOT]), own: new Set(), ...more },
})

describe('[G10.chain] who is let in', () => {
  it('everybody with an honest chain, until the first of its certificates ends', () => {
    fc.assert(
      fc.property(honest, chain => {
        const until = Math.min(...chain.map(each => each.until))
        expect(decide(shown(chain), [], NOW)).toMatchObject({ admitted: true, until, right: chain.at(-1)?.right })
        expect(decide(shown(chain), [], until - 1).admitted).toBe(true)
        expect(decide(shown(chain), [], until)).toEqual({ admitted: false, why: 'expired' })
      }),
    )
  })

  it('nobody whose chain lacks a link, has one of another mesh or holder, or that is not valid yet', () => {
    const bends: ((one: Certificate) => Certificate | undefined)[] = [
      () => undefined,
      one => ({ ...one, mesh: 'other' }),
      one => ({ ...one, by: 'somebody' }),
      one => ({ ...one, key: 'somebody' }),
      one => ({ ...one, from: NOW + 1 }),
      one => ({ ...one, until: NOW }),
    ]
    fc.assert(
      fc.property(honest, fc.nat(), fc.constantFrom(...bends), (chain, at, bend) => {
        const bent = chain.flatMap((one, i) => (i === at % chain.length ? (bend(one) ?? []) : one))
        expect(decide({ ...shown(chain), chain: bent }, [], NOW).admitted).toBe(false)
      }),
    )
  })

  it('nobody with somebody else’s certificates, and nobody without any', () => {
    fc.assert(
      fc.property(honest, chain => {
        expect(decide({ ...shown(chain), peer: 'thief' }, [], NOW).admitted).toBe(false)
      }),
    )
    expect(decide({ ...shown([]), peer: 'thief' }, [], NOW)).toEqual({ admitted: false, why: 'no-certificate' })
  })

  it('whatever rights a chain claims: in exactly when each may certify the next', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...RIGHTS), { minLength: 1, maxLength: 6 }), rights => {
        const rises = rights.some((right, i) => !mayCertify(rights[i - 1] ?? 'mesh', right))
        expect(decide(shown(certified(rights)), [], NOW).admitted).toBe(!rises)
      }),
    )
    expect(mayCertify('peer', 'peer')).toBe(false)
    expect(mayCertify('member', 'delegate')).toBe(false)
    expect(mayCertify('delegate', 'delegate')).toBe(true) // a successor
  })

  it('[G10.member] a peer belongs to the member above it', () => {
    const { member } = decide(shown(certified(['delegate', 'member', 'peer'])), [], NOW) as { member: string }
    expect(member).toBe(key(2))
    expect(decide(shown(certified(['peer'])), [], NOW)).toMatchObject({ member: key(1) })
  })
})

describe('[G10.revoke] what was taken back', () => {
  it('by the mesh’s key: any certificate of a chain, by its serial or its key, ends it', () => {
    fc.assert(
      fc.property(honest, fc.nat(), fc.boolean(), (chain, at, bySerial) => {
        const one = chain[at % chain.length] as Certificate
        const list = listOf(bySerial ? { serials: new Set([one.serial]) } : { keys: new Set([one.key]) })
        expect(decide(shown(chain), [list], NOW)).toEqual({ admitted: false, why: 'revoked' })
      }),
    )
  })

  it('by a delegate: only what it certified itself', () => {
    const chain = certified(['delegate', 'member', 'peer'])
    const by = (issuer: string) =>
      listOf({ right: 'delegate', issuers: new Set([issuer]), keys: new Set(chain.map(one => one.key)) })
    expect(decide(shown(chain), [by(key(1))], NOW).admitted).toBe(false)
    expect(decide(shown(chain), [by('another delegate')], NOW).admitted).toBe(true)
    const above = listOf({ right: 'delegate', issuers: new Set([key(1)]), keys: new Set([key(1)]) })
    expect(decide(shown(chain), [above], NOW).admitted).toBe(true)
  })

  it('a mesh key retires the one before it: what that made ends, what its successor made stands', () => {
    const [succession, member] = certified(['mesh', 'member']) as [Certificate, Certificate]
    const retired = listOf({ keys: new Set([ROOT]), issuers: new Set([key(1)]), own: new Set([succession.serial]) })
    expect(decide(shown([succession, member]), [retired], NOW).admitted).toBe(true)
    const old = { ...member, by: ROOT, key: 'old member', serial: 'old grant' }
    expect(decide(shown([old]), [], NOW).admitted).toBe(true)
    expect(decide(shown([old]), [retired], NOW)).toEqual({ admitted: false, why: 'revoked' })
  })

  it('never lets anybody in, in whatever order lists come', () => {
    const serials = fc.uniqueArray(fc.integer({ min: 0, max: 5 }).map(n => `grant ${n}`))
    const keys = fc.uniqueArray(fc.integer({ min: 0, max: 5 }).map(key))
    const list = fc
      .record({ serials, keys, right: fc.constantFrom<Right>('mesh', 'delegate'), issuer: fc.nat(5) })
      .map(({ serials, keys, right, issuer }) =>
        listOf({ right, serials: new Set(serials), keys: new Set(keys), issuers: new Set([key(issuer)]) }),
      )
    fc.assert(
      fc.property(honest, fc.array(list, { maxLength: 4 }), list, (chain, lists, more) => {
        const before = decide(shown(chain), lists, NOW).admitted
        const after = decide(shown(chain), [...lists, more], NOW).admitted
        expect(after && !before).toBe(false)
        expect(decide(shown(chain), [more, ...lists].reverse(), NOW).admitted).toBe(after)
      }),
    )
  })
})
