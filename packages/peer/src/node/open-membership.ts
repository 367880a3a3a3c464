/** A peer’s membership of a closed mesh on Node, from the keys of its folder and an invitation; and what needs one. */
import {
  AmpError,
  type Clock,
  type Identity,
  type Logger,
  type Random,
  redemptionOf,
  type Ticket,
  type Verify,
} from '@amp-mesh/protocol'
import { Membership } from '../admission/membership.ts'
import type { KnownMesh } from '../hello.ts'
import { isLoopback } from './listen-address.ts'
import { MeshKeys } from './mesh-keys.ts'

export interface MembershipPlace {
  /** Data root whose keys of the mesh are used. */
  root: string
  mesh: KnownMesh
  identity: Identity
  ticket: Ticket | undefined
  verify: Verify
  clock: Clock
  random: Random
  logger: Logger
}

/** Rejects with `not-allowed` when this user is no member and has no invitation. */
export async function openMembership(place: MembershipPlace): Promise<Membership> {
  const { mesh, identity, ticket, logger } = place
  const keys = await MeshKeys.open(place)
  if (!keys.isMember && ticket === undefined)
    throw new AmpError(
      'not-allowed',
      `the mesh '${mesh.file.name}' is closed and this user is no member of it: ask a member to run ` +
        '`amp-mesh invite`, and start with --invitation <what it prints>',
    )
  const membership = new Membership({
    ...place,
    mesh: mesh.id,
    root: mesh.file.key,
    certificates: keys.shownBy(identity.publicKey),
    ...(!keys.isMember && ticket !== undefined && { invitation: await redemptionOf(ticket, keys.key, identity) }),
    issued: certificates => keys.receive(certificates),
    issuer: keys.issuer(),
    revoked: lists => keys.keepLists(lists),
    met: (peer, chain) => {
      const grant = chain.findLast(({ right }) => right !== 'peer') ?? chain.at(-1)
      if (grant !== undefined && keys.issuer() !== undefined)
        keys.seen(peer, grant.serial).catch(error => logger.warn('a peer was not noted', { error: String(error) }))
    },
  })
  membership.learn(await keys.lists())
  return membership
}

/** Whoever reaches the listening address of an open mesh is in it: so nobody but this machine may. */
export function checkOpenMesh(mesh: KnownMesh, host: string | undefined): void {
  if (mesh.file.closed === true || isLoopback(host)) return
  throw new AmpError(
    'bad-input',
    `the mesh '${mesh.file.name}' is open to whoever reaches it, so its peers listen on this machine only; to be ` +
      `reached on ${host}, start a closed mesh under a new name with --mesh <name>, or join one with --invitation`,
  )
}
