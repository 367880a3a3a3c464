/**
 * What membership of a closed mesh is made of: certificates, of which each says what the next key may do; invitations
 * to get one; lists of what was taken back. All are signed, none can be altered.
 */
import * as z from 'zod/mini'
import { ADMISSION_LIMITS } from './admission-limits.ts'
import { concat, fromBase64url, sha256, utf8 } from './bytes.ts'
import { hash, hash16, integer, list, natural, publicKey } from './field.ts'
import type { MeshId, PublicKey } from './ids.ts'
import { WIRE_LIMITS } from './limits.ts'
import { type DocumentKind, signed } from './signed.ts'

/**
 * What a key may do, the most first. `mesh`: everything. `delegate`: invite members. `member`: a person or machine,
 * whose peers it vouches for. `peer`: connect. Who may do more may certify who may do less, and a successor of its own.
 */
export const RIGHTS = ['mesh', 'delegate', 'member', 'peer'] as const
export type Right = (typeof RIGHTS)[number]

/** What certificates and the invitations they come of have in common. */
const grant = {
  v: z.literal(1),
  mesh: hash,
  /** Who certifies. */
  by: publicKey,
  /** Who is certified; of an invitation: whose private half lets in, that of a peer or one the invitation carries. */
  key: publicKey,
  /** Valid from then on, and no longer at `until`, ms since the epoch. */
  from: natural,
  until: natural,
  /** Name of what was granted: a certificate keeps that of its invitation, or of the one it renews. */
  serial: hash16,
}

const certificate = z.object({ ...grant, right: z.enum(RIGHTS) })
export type Certificate = z.infer<typeof certificate>
export const CERTIFICATE: DocumentKind<Certificate> = {
  tag: 'amp-certificate',
  name: 'a certificate',
  schema: certificate,
}

/** Can be used once, for a certificate with its serial: taking back one takes back the other. */
const invitation = z.object({
  ...grant,
  right: z.enum(['delegate', 'member']),
  /** How long the membership then lasts, ms. Renewed by its issuer. */
  lastsMs: integer(1, ADMISSION_LIMITS.membershipMs),
})
export type MeshInvitation = z.infer<typeof invitation>
export const INVITATION: DocumentKind<MeshInvitation> = {
  tag: 'amp-invitation',
  name: 'an invitation',
  schema: invitation,
}

const revocationList = z.object({
  v: z.literal(1),
  mesh: hash,
  by: publicKey,
  /** A later list of the same key has a higher one, and replaces it. */
  version: natural,
  /** Certificates and invitations taken back, by serial; keys, with all they certified. */
  serials: list(hash16, ADMISSION_LIMITS.revoked),
  keys: list(publicKey, ADMISSION_LIMITS.revoked),
})
export type RevocationList = z.infer<typeof revocationList>
export const REVOCATION_LIST: DocumentKind<RevocationList> = {
  tag: 'amp-revocations',
  name: 'a revocation list',
  schema: revocationList,
}

/** What the holder of an invitation's key signs: "this key shall be the member", said to this mesh. */
export const redemptionHash = (mesh: MeshId, serial: string, member: PublicKey): Uint8Array =>
  sha256(concat(utf8('amp-redemption'), fromBase64url(mesh), fromBase64url(serial), fromBase64url(member)))

/** As they stand in messages. */
export const signedCertificate = signed(WIRE_LIMITS.certificate)
/** From the mesh's key to the last one: each certified by the one before it. */
export const certificateChain = list(signedCertificate, WIRE_LIMITS.certificates)
export const signedList = z.object({
  body: signed(WIRE_LIMITS.revocationList).shape.body,
  signature: signedCertificate.shape.signature,
  /** Those of its signer; none for the mesh's key. */
  certificates: certificateChain,
})
export type SignedList = z.infer<typeof signedList>
