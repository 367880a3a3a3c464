/** A tab’s membership of a closed mesh, kept beside its spaces. Loaded where a mesh is closed. */
import {
  AmpError,
  type Cancel,
  type Clock,
  decodeMessage,
  encodeMessage,
  type Identity,
  type Logger,
  type Message,
  type Network,
  readTicket,
  redemptionOf,
  type Storage,
  verifyPortable,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { Membership } from '../admission/membership.ts'
import { watchMembership } from '../admission/watch-membership.ts'
import { type KnownMesh, readMesh } from '../hello.ts'
import { behindClosedDoor } from '../network/closed-door.ts'
import type { NodeInit } from '../network/libp2p-node.ts'

/** The mesh that an invitation is into. Throws `bad-input`. */
export const invitedTo = (invitation: string): KnownMesh => readMesh(readTicket(invitation).meshFile)

export interface TabMembershipInit {
  mesh: KnownMesh
  identity: Identity
  storage: Storage
  invitation: string | undefined
  clock: Clock
  logger: Logger
}

export interface TabMembership {
  /** The door of the tab's own node. */
  readonly door: NonNullable<NodeInit['door']>
  /** To be called once the network is made: parts with who is taken out. */
  watch(network: Network): Cancel
}

/** Rejects with `not-allowed` when this tab is no member and has no invitation. */
export async function openTabMembership(init: TabMembershipInit): Promise<TabMembership> {
  const { mesh, identity, storage, invitation, clock, logger } = init
  const kept = async () => {
    const bytes = await storage.get(KEPT)
    const message = bytes && decodeMessage(bytes, { maxBytes: WIRE_LIMITS.message })
    return message?.type === 'admission' ? message : NOTHING
  }
  let known = await kept()
  const keep = async (more: Partial<Message<'admission'>>) => {
    known = { ...known, ...more }
    await storage.write([{ put: KEPT, value: encodeMessage(known) }])
  }
  if (known.certificates.length === 0 && invitation === undefined)
    throw new AmpError(
      'not-allowed',
      `the mesh '${mesh.file.name}' is closed: ask one of its members for an invitation, and open the page with it`,
    )
  const membership = new Membership({
    mesh: mesh.id,
    root: mesh.file.key,
    verify: verifyPortable,
    clock,
    logger,
    certificates: async () => known.certificates,
    ...(known.certificates.length === 0 &&
      invitation !== undefined && {
        invitation: await redemptionOf(readTicket(invitation), identity.publicKey, identity),
      }),
    issued: certificates => keep({ certificates: [...certificates] }),
    revoked: lists => keep({ lists: [...lists] }),
  })
  membership.learn(known.lists)
  return {
    door: noise => behindClosedDoor(noise, membership),
    watch: network => watchMembership(membership, network, mesh, logger),
  }
}

const KEPT = 'admission'
const NOTHING: Message<'admission'> = { type: 'admission', certificates: [], held: [], lists: [] }
