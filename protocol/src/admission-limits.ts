/**
 * Bounds of admission to a closed mesh. Those both sides must know stand in WIRE_LIMITS: a certificate has some 330
 * bytes; a chain three keys that succeed the mesh’s, a delegate, a member, a peer; a revocation list 240 keys,
 * or 128 and as many serials; eight lists in a message, with their signers’ certificates, are 125 kB.
 */

const KiB = 1024

export const ADMISSION_LIMITS = {
  /** What a stranger may say before it is let in: certificates, an invitation, and which lists it holds. */
  strangerBytes: 8 * KiB,
  /** Entries of each kind in a revocation list. */
  revoked: 240,
  /** Peers of one member connected at once: whoever was invited as one is no crowd. */
  peersPerMember: 16,
  /** Keys that succeed the mesh’s, one after the other: a chain has room for three, a delegate, a member and a peer. */
  successors: 3,
  /** A membership lasts at most this long without its issuer, and by default; an invitation is open for, ms. */
  membershipMs: 365 * 24 * 60 * 60_000,
  invitationMs: 7 * 24 * 60 * 60_000,
  /** Clocks of honest machines differ by this, ms: what is issued was valid a little before. */
  skewMs: 5 * 60_000,
  /** Peers remembered as admitted: a few times the connections there can be. */
  guests: 1_024,
  /** A peer admitted this long ago and still not connected is forgotten, ms. */
  guestMs: 60_000,
} as const
