/** Whether somebody may come in: a pure function of what they show, of what was taken back, and of the time. */
import { type Certificate, type MeshId, type PublicKey, RIGHTS, type Right } from '@amp-mesh/protocol'

/** What a peer shows. Each certificate’s signature by the key it names is checked already. */
export interface Credentials {
  readonly mesh: MeshId
  /** The key in the mesh file. */
  readonly root: PublicKey
  /** Who shows them, as noise proved. */
  readonly peer: PublicKey
  /** From the root’s to the peer’s. */
  readonly chain: readonly Certificate[]
}

/** What one signer took back. */
export interface Revocation {
  readonly serials: ReadonlySet<string>
  readonly keys: ReadonlySet<PublicKey>
  /** What the signer is; a mesh key may take back everything, others what they certified themselves. */
  readonly right: Right
  /** The signer, and the keys it succeeded. */
  readonly issuers: ReadonlySet<PublicKey>
  /** Serials of the signer’s own certificates: a key that names its predecessor stands nevertheless. */
  readonly own: ReadonlySet<string>
}

export type Refusal = 'no-certificate' | 'other-mesh' | 'broken' | 'too-much' | 'not-yet' | 'expired' | 'revoked'

export type Verdict =
  | {
      readonly admitted: true
      readonly right: Right
      /** The first of the certificates to end, ms since the epoch. */
      readonly until: number
      /** Whose peer this is: the last key above a `peer`, or the peer’s own. */
      readonly member: PublicKey
    }
  | { readonly admitted: false; readonly why: Refusal }

/** Each key certified by the one before it, none with more rights, all valid now, none taken back, the peer’s last. */
export function decide(credentials: Credentials, revocations: readonly Revocation[], now: number): Verdict {
  const { mesh, root, peer, chain } = credentials
  let holder = root
  let right: Right = 'mesh'
  let until = Number.POSITIVE_INFINITY
  let member = root
  for (const certificate of chain) {
    if (certificate.mesh !== mesh) return refused('other-mesh')
    if (certificate.by !== holder) return refused('broken')
    if (!mayCertify(right, certificate.right)) return refused('too-much')
    if (now < certificate.from) return refused('not-yet')
    if (now >= certificate.until) return refused('expired')
    if (revocations.some(revocation => takesBack(revocation, certificate))) return refused('revoked')
    holder = certificate.key
    right = certificate.right
    until = Math.min(until, certificate.until)
    if (right !== 'peer') member = holder
  }
  if (holder !== peer) return refused(chain.length === 0 ? 'no-certificate' : 'broken')
  // a peer that the mesh’s key certified itself is nobody’s but its own
  return { admitted: true, right, until, member: member === root ? peer : member }
}

/** Less than its own right, or the same: a successor. A peer certifies nobody. */
export const mayCertify = (issuer: Right, right: Right): boolean =>
  issuer !== 'peer' && RIGHTS.indexOf(right) >= RIGHTS.indexOf(issuer)

function takesBack({ serials, keys, right, issuers, own }: Revocation, certificate: Certificate): boolean {
  const { by, key, serial } = certificate
  if (right !== 'mesh') return issuers.has(by) && (serials.has(serial) || keys.has(key))
  // a mesh key can also take back its predecessor, which no certificate made
  return serials.has(serial) || keys.has(key) || (keys.has(by) && !own.has(serial))
}

const refused = (why: Refusal): Verdict => ({ admitted: false, why })
