/** How long an invitation and a membership last, on real networks behind real doors; their time is handed in. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NodeNetwork, opensslVerify, systemRandom } from '@amp-mesh/peer/node'
import { ADMISSION_LIMITS, type Identity, identityFromSeed, type Ticket } from '@amp-mesh/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import type { Membership } from '../../../../packages/peer/src/admission/membership.ts'
import { type KnownMesh, knownMesh } from '../../../../packages/peer/src/hello.ts'
import { behindClosedDoor } from '../../../../packages/peer/src/network/closed-door.ts'
import { MeshKeys, newMeshKey } from '../../../../packages/peer/src/node/mesh-keys.ts'
import { openMembership } from '../../../../packages/peer/src/node/open-membership.ts'
import { eventually } from '../../../until.ts'
import { addressOf, silent, testNetwork } from '../network/test-network.ts'
import { SimulatedClock } from '../simulated-clock.ts'

const NAME = 'club'
const MINUTE_MS = 60_000
/** How long invitations can be used here, and the memberships they make last. */
const OPENS_MS = 60 * MINUTE_MS
const LASTS_MS = 100 * MINUTE_MS
const world = { verify: opensslVerify(), random: systemRandom, logger: silent }

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'amp-terms-'))
  cleanups.push(() => rm(path, { recursive: true, force: true }))
  return path
}

interface Club {
  readonly clock: SimulatedClock
  readonly home: string
  readonly mesh: KnownMesh
}

async function found(): Promise<Club> {
  const home = await folder()
  const key = await newMeshKey(home, NAME, systemRandom)
  const mesh = knownMesh({ v: 1, name: NAME, key, closed: true, verifiers: [], limits: {} })
  return { clock: new SimulatedClock(1_000 * LASTS_MS), home, mesh }
}

async function invitation({ clock, home, mesh }: Club): Promise<Ticket> {
  const issuer = (await MeshKeys.open({ ...world, root: home, clock, mesh })).issuer()
  const secret = systemRandom.bytes(32)
  const terms = { right: 'member', opensMs: OPENS_MS, lastsMs: LASTS_MS } as const
  const invited = await issuer?.invite(identityFromSeed(secret).publicKey, terms)
  if (invited === undefined) throw new Error('the founder may invite')
  return { meshFile: mesh.bytes, invitation: invited.signed, secret, addresses: [] }
}

const opened = ({ clock, mesh }: Club, root: string, identity: Identity, ticket?: Ticket): Promise<Membership> =>
  openMembership({ ...world, clock, mesh, root, identity, ticket })

/** A peer of whoever has this folder. */
async function start(club: Club, root: string, ticket?: Ticket): Promise<NodeNetwork> {
  const seed = systemRandom.bytes(32)
  const membership = await opened(club, root, identityFromSeed(seed), ticket)
  const network = await testNetwork({ seed, door: noise => behindClosedDoor(noise, membership) })
  cleanups.push(async () => membership.watch(network, () => {})())
  membership.watch(network, () => {})
  await network.start()
  cleanups.push(() => network.stop())
  return network
}

const refused = { code: 'not-allowed' }

describe('an invitation', () => {
  it('[G10.once] can be used until it ends', async () => {
    const club = await found()
    const [soon, late] = [await invitation(club), await invitation(club)]
    const host = await start(club, club.home)
    club.clock.advance(OPENS_MS - 1)
    const guest = await start(club, await folder(), soon)
    expect(await guest.connect(addressOf(host))).toBe(host.self)
    club.clock.advance(1)
    const tardy = await start(club, await folder(), late)
    await expect(tardy.connect(addressOf(host))).rejects.toMatchObject(refused)
  })
})

describe('a membership', () => {
  it('[G10.expiry] ends at its time, also of who is connected', async () => {
    const club = await found()
    const host = await start(club, club.home)
    const guest = await start(club, await folder(), await invitation(club))
    await guest.connect(addressOf(host))
    club.clock.advance(LASTS_MS - 1)
    expect(host.peers()).toEqual([guest.self])
    club.clock.advance(1)
    await eventually(() => host.peers().length === 0 && guest.peers().length === 0)
    await expect(guest.connect(addressOf(host))).rejects.toMatchObject(refused)
  })

  it('[G10.renewal] is renewed by its issuer once half of it is over, and not before', async () => {
    const club = await found()
    const host = await start(club, club.home)
    const [diligent, idle] = [await folder(), await folder()]
    const visit = async (root: string, ticket?: Ticket) => {
      const guest = await start(club, root, ticket)
      await guest.connect(addressOf(host))
      await guest.stop()
    }
    for (const root of [diligent, idle]) await visit(root, await invitation(club))
    club.clock.advance(40 * MINUTE_MS)
    for (const root of [diligent, idle]) await visit(root)
    club.clock.advance(20 * MINUTE_MS)
    await visit(diligent)
    club.clock.advance(50 * MINUTE_MS)
    await visit(diligent)
    await expect(visit(idle)).rejects.toMatchObject(refused)
  })

  it('[G10.member] has sixteen peers at a time', async () => {
    const club = await found()
    const host = await opened(club, club.home, identityFromSeed(systemRandom.bytes(32)))
    const root = await folder()
    let here: string[] = []
    const unwatch = host.watch({ peers: () => here, disconnect: async () => {} }, () => {})
    const ticket = await invitation(club)
    const come = async () => {
      const identity = identityFromSeed(systemRandom.bytes(32))
      const guest = await opened(club, root, identity, ticket)
      const shown = {
        certificates: await guest.certificates(),
        ...(guest.invitation && { invitation: guest.invitation }),
      }
      const issued = await host.admit(identity.peerId, shown)
      if (issued !== undefined) await guest.receive(issued)
      here.push(identity.peerId)
    }
    for (let n = 0; n < ADMISSION_LIMITS.peersPerMember; n++) await come()
    await expect(come()).rejects.toMatchObject({ code: 'busy' })
    here = here.slice(1)
    await come()
    unwatch()
  })
})
