/** An invitation as people pass it on: one line, or the address of a page with it behind the `#`. */
import * as z from 'zod/mini'
import { fromBase64url, toBase64url } from './bytes.ts'
import { canonicalBytes, parseCanonical } from './canonical-json.ts'
import { INVITATION, type MeshInvitation, redemptionHash } from './certificate.ts'
import { AmpError } from './errors.ts'
import { list, optional, words } from './field.ts'
import type { PublicKey } from './ids.ts'
import { meshIdOf } from './mesh-file.ts'
import type { Identity } from './ports.ts'
import { identityFromSeed, verifyPortable } from './signature.ts'
import { openDocument, type Signed } from './signed.ts'
import type { Message } from './vocabulary.ts'

export interface Ticket {
  /** Bytes of the mesh file. */
  readonly meshFile: Uint8Array
  readonly invitation: Signed
  /** The private half of the invitation’s key, where that was made for it. */
  readonly secret?: Uint8Array
  /** Where peers answer that can make members. */
  readonly addresses: readonly string[]
}

/** What an `admission` says of an invitation. */
export type Redemption = NonNullable<Message<'admission'>['invitation']>

const text = words(4_096)
const shape = z.object({ mesh: text, body: text, signature: text, secret: optional(text), at: list(text, 8) })

export function ticketText({ meshFile, invitation, secret, addresses }: Ticket): string {
  const { body, signature } = invitation
  return toBase64url(
    canonicalBytes({
      mesh: toBase64url(meshFile),
      body: toBase64url(body),
      signature: toBase64url(signature),
      ...(secret !== undefined && { secret: toBase64url(secret) }),
      at: [...addresses],
    }),
  )
}

/** Reads a line, or an address that ends in `#invitation=…`. Throws AmpError `bad-input`. */
export function readTicket(line: string): Ticket {
  const [, behind] = /[#&]invitation=([\w-]+)/.exec(line) ?? []
  try {
    const read = shape.parse(parseCanonical(fromBase64url(behind ?? line.trim())))
    const meshFile = fromBase64url(read.mesh)
    const invitation = { body: fromBase64url(read.body), signature: fromBase64url(read.signature) }
    const secret = read.secret === undefined ? undefined : fromBase64url(read.secret)
    if (openDocument(INVITATION, invitation, verifyPortable).mesh !== meshIdOf(meshFile))
      throw new Error('of another mesh')
    return { meshFile, invitation, ...(secret !== undefined && { secret }), addresses: read.at }
  } catch (cause) {
    throw new AmpError(
      'bad-input',
      'that is not an invitation, or a part of it is missing; copy the whole line that `amp-mesh invite` printed',
      undefined,
      cause,
    )
  }
}

/** Uses a ticket: "make `member` what it says". `identity`: the peer’s own, for a ticket that names it. */
export async function redemptionOf(ticket: Ticket, member: PublicKey, identity: Identity): Promise<Redemption> {
  const { key, mesh, serial } = invitationIn(ticket)
  const holder = ticket.secret === undefined ? identity : identityFromSeed(ticket.secret)
  if (holder.publicKey !== key)
    throw new AmpError('not-allowed', 'the invitation is for another peer; ask for one for this peer, or for anybody')
  return { ...ticket.invitation, member, proof: await holder.sign(redemptionHash(mesh, serial, member)) }
}

const invitationIn = (ticket: Ticket): MeshInvitation => openDocument(INVITATION, ticket.invitation, verifyPortable)
