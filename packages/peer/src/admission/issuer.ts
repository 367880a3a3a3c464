/** One who makes members: the mesh’s key, or a delegate’s, with a record of which invitations were used. */
import {
  ADMISSION_LIMITS,
  AmpError,
  CERTIFICATE,
  type Certificate,
  type Clock,
  fromBase64url,
  type Identity,
  INVITATION,
  type MeshId,
  type MeshInvitation,
  openDocument,
  type PublicKey,
  type Random,
  REVOCATION_LIST,
  type Redemption,
  type RevocationList,
  type Right,
  redemptionHash,
  type Signed,
  type SignedList,
  signDocument,
  toBase64url,
  type Verify,
} from '@amp-mesh/protocol'

export interface IssuerInit {
  mesh: MeshId
  /** The key that certifies, and its own certificates: none for the mesh’s key. */
  identity: Identity
  certificates: readonly Signed[]
  verify: Verify
  clock: Clock
  random: Random
  /**
   * Notes that the invitation makes this key a member, durably. False when another one used it: of two that come at
   * once one wins.
   */
  redeem(serial: string, member: PublicKey): Promise<boolean>
}

export class Issuer {
  readonly identity: Identity
  readonly certificates: readonly Signed[]
  readonly #init: IssuerInit
  /** The keys from the mesh’s down to this one, this one left out. */
  readonly #above: readonly PublicKey[]
  /** Its own, and those it succeeds. */
  readonly #keys: ReadonlySet<PublicKey>

  constructor(init: IssuerInit) {
    this.#init = init
    this.identity = init.identity
    this.certificates = init.certificates
    const chain = init.certificates.map(signed => openDocument(CERTIFICATE, signed, init.verify))
    const right = chain.at(-1)?.right ?? 'mesh'
    // who certified a key with the right it has itself is succeeded by it; above the first stands the mesh’s key
    const succeeds = chain.filter((_, i) => (chain[i - 1]?.right ?? 'mesh') === right).map(({ by }) => by)
    this.#above = chain.map(({ by }) => by)
    this.#keys = new Set([this.identity.publicKey, ...succeeds])
  }

  /** Certificates of `key` from the mesh’s key on. */
  async certify(key: PublicKey, right: Right, lastsMs: number, serial = this.#serial()): Promise<Signed[]> {
    const { mesh, clock, identity, certificates } = this.#init
    const now = clock.now()
    const certificate: Certificate = {
      v: 1,
      mesh,
      by: identity.publicKey,
      key,
      right,
      from: now - ADMISSION_LIMITS.skewMs,
      until: now + lastsMs,
      serial,
    }
    return [...certificates, await signDocument(CERTIFICATE, certificate, identity)]
  }

  /** An invitation for whoever has the private half of `key`. */
  async invite(
    key: PublicKey,
    { right, opensMs, lastsMs }: { right: MeshInvitation['right']; opensMs: number; lastsMs: number },
  ): Promise<{ invitation: MeshInvitation; signed: Signed }> {
    const { mesh, clock, identity } = this.#init
    const now = clock.now()
    const from = now - ADMISSION_LIMITS.skewMs
    const by = identity.publicKey
    const serial = this.#serial()
    const invitation: MeshInvitation = { v: 1, mesh, by, key, right, from, until: now + opensMs, lastsMs, serial }
    return { invitation, signed: await signDocument(INVITATION, invitation, identity) }
  }

  /**
   * Makes the member that an invitation of this issuer promises, or of a key it succeeds; again, for the member that
   * used it already. `isRetired`: a key may grant nothing any more.
   * Throws DecodeError, or `not-allowed` with what is wrong with it.
   */
  async redeem(redemption: Redemption, isRetired: (key: PublicKey) => boolean = () => false): Promise<Signed[]> {
    const { member, proof, ...signed } = redemption
    const { mesh, verify, clock } = this.#init
    const invitation = openDocument(INVITATION, signed, verify)
    const { by, key, right, from, until, lastsMs, serial } = invitation
    if (invitation.mesh !== mesh) throw new AmpError('wrong-mesh')
    if (!this.#keys.has(by)) throw refused('redeemed by another key than that which made it')
    if (isRetired(by)) throw refused('made by a key that was taken back')
    if (!verify(proof, redemptionHash(mesh, serial, member), fromBase64url(key)))
      throw refused('shown without its secret')
    if (clock.now() < from || clock.now() >= until) throw refused('expired')
    if (!(await this.#init.redeem(serial, member))) throw refused('used already')
    return this.certify(member, right, lastsMs, serial)
  }

  /**
   * The member’s certificate anew, when it is of this issuer’s making, and more than half of its time is over or the
   * keys above it are others by now.
   */
  async renewed(chain: readonly Certificate[]): Promise<Signed[] | undefined> {
    const at = chain.findLastIndex(({ right }) => right !== 'peer')
    const own = chain[at]
    if (own === undefined || own.right === 'mesh' || !this.#keys.has(own.by)) return undefined
    const { key, right, from, until, serial } = own
    const keys = chain.slice(0, at + 1).map(({ by }) => by)
    const isCurrent = keys.join() === [...this.#above, this.identity.publicKey].join()
    return isCurrent && this.#init.clock.now() <= (from + until) / 2
      ? undefined
      : this.certify(key, right, until - from, serial)
  }

  /** A list that takes these back, in place of the one before. */
  async revoke(before: RevocationList | undefined, serials: string[], keys: PublicKey[]): Promise<SignedList> {
    const { mesh, identity } = this.#init
    const list: RevocationList = {
      v: 1,
      mesh,
      by: identity.publicKey,
      version: (before?.version ?? 0) + 1,
      serials: [...new Set([...(before?.serials ?? []), ...serials])],
      keys: [...new Set([...(before?.keys ?? []), ...keys])],
    }
    if (Math.max(list.serials.length, list.keys.length) > ADMISSION_LIMITS.revoked)
      throw new AmpError(
        'too-large',
        `a list has room for ${ADMISSION_LIMITS.revoked}; found a new mesh, or rotate its key`,
      )
    const signed = await signDocument(REVOCATION_LIST, list, identity)
    return { ...signed, certificates: [...this.certificates] }
  }

  #serial(): string {
    return toBase64url(this.#init.random.bytes(16))
  }
}

const refused = (why: string) => new AmpError('not-allowed', `the invitation was ${why}; ask for another one`)
