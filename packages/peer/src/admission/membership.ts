/**
 * A peer’s place in a closed mesh: what it shows, whom it lets in, what it knows was taken back, and whom it has to
 * part with when that changes.
 */
import {
  ADMISSION_LIMITS,
  AmpError,
  type Cancel,
  CERTIFICATE,
  type Certificate,
  type Clock,
  type Logger,
  type MeshId,
  type Message,
  openDocument,
  type PeerId,
  type PublicKey,
  publicKeyOf,
  type Redemption,
  type Signed,
  type SignedList,
  toBase64url,
  type Verify,
} from '@amp-mesh/protocol'
import { decide, type Verdict } from './decision.ts'
import type { Issuer } from './issuer.ts'
import { type Held, Revocations } from './revocations.ts'

export interface MembershipInit {
  mesh: MeshId
  /** The key in the mesh file. */
  root: PublicKey
  verify: Verify
  clock: Clock
  logger: Logger
  /** What this peer shows: its own certificates, renewed as need be; empty before an invitation was used. */
  certificates(): Promise<Signed[]>
  /** What to use up at the first peer that can make members. */
  invitation?: Redemption | undefined
  /** Keeps the certificates of this peer’s member key. */
  issued(certificates: readonly Signed[]): Promise<void>
  /** Makes members, where this peer may. */
  issuer?: Issuer | undefined
  /** Somebody was let in, by these. */
  met?(peer: PeerId, chain: readonly Certificate[]): void
  /** Keeps the lists. */
  revoked(lists: readonly SignedList[]): Promise<void>
}

/** What a membership needs of the network. */
export interface Neighbours {
  peers(): PeerId[]
  disconnect(peer: PeerId): Promise<void>
}

/** One who was let in. */
interface Guest {
  readonly chain: readonly Certificate[]
  readonly member: PublicKey
  readonly since: number
}

/** Certificates whose signatures were checked: most come again and again. */
const CHECKED = 1_024

export class Membership {
  readonly #init: MembershipInit
  readonly #revocations: Revocations
  readonly #guests = new Map<PeerId, Guest>()
  readonly #checked = new Map<string, Certificate>()
  #neighbours: Neighbours = { peers: () => [], disconnect: async () => {} }
  #onNews: (list: SignedList) => void = () => {}
  #invitation: Redemption | undefined
  #nextLook: Cancel | undefined

  constructor(init: MembershipInit) {
    this.#init = init
    this.#invitation = init.invitation
    const { mesh, root, verify } = init
    this.#revocations = new Revocations({ mesh, root, verify, open: certificates => this.#open(certificates) })
  }

  get mesh(): MeshId {
    return this.#init.mesh
  }

  /** From now on peers that may no longer be here are disconnected; `onNews` hears of lists to be told to all. */
  watch(neighbours: Neighbours, onNews: (list: SignedList) => void): Cancel {
    this.#neighbours = neighbours
    this.#onNews = onNews
    this.#look()
    return () => {
      this.#onNews = () => {}
      this.#nextLook?.()
      this.#nextLook = undefined
    }
  }

  certificates(): Promise<Signed[]> {
    return this.#init.certificates()
  }

  /** What to show beside the certificates, until it is used. */
  get invitation(): Redemption | undefined {
    return this.#invitation
  }

  get held(): Held {
    return this.#revocations.held()
  }

  listsBeyond(held: Held): SignedList[] {
    return this.#revocations.beyond(held)
  }

  /**
   * Lets a peer in that shows these. Returns what was issued to it, if anything. Throws `not-allowed`, or DecodeError.
   */
  async admit(
    peer: PeerId,
    shown: Pick<Message<'admission'>, 'certificates' | 'invitation'>,
  ): Promise<Signed[] | undefined> {
    const { issuer, clock } = this.#init
    const issued = shown.invitation && (await this.#redeem(shown.invitation))
    const chain = this.#open([...(issued ?? []), ...shown.certificates])
    const verdict = this.#judge(peer, chain)
    if (!verdict.admitted) throw new AmpError('not-allowed', 'not a member of this mesh', verdict.why)
    if (this.#peersOf(verdict.member, peer) >= ADMISSION_LIMITS.peersPerMember)
      throw new AmpError('busy', 'too many peers of one member')
    if (this.#guests.size >= ADMISSION_LIMITS.guests) this.#forgetStale()
    if (this.#guests.size >= ADMISSION_LIMITS.guests) throw new AmpError('busy', 'too many peers came and went')
    this.#guests.set(peer, { chain, member: verdict.member, since: clock.now() })
    this.#init.met?.(peer, chain)
    return issued ?? (await issuer?.renewed(chain))
  }

  /** Keeps what was issued to this peer’s member key. */
  async receive(issued: readonly Signed[]): Promise<void> {
    await this.#init.issued(issued)
    this.#invitation = undefined
  }

  /** Takes lists in that are new, and passes over what is none. Returns the new ones. */
  learn(lists: readonly SignedList[]): SignedList[] {
    const fresh = lists.filter(list => this.#isNews(list))
    if (fresh.length === 0) return fresh
    this.#look()
    this.#init
      .revoked(this.#revocations.lists())
      .catch(error => this.#init.logger.error('revocations could not be kept', { error: String(error) }))
    return fresh
  }

  /** The same for what a single peer told: others shall hear it too. */
  hear(lists: readonly SignedList[]): void {
    for (const list of this.learn(lists)) this.#onNews(list)
  }

  #isNews(list: SignedList): boolean {
    try {
      return this.#revocations.learn(list, this.#init.clock.now())
    } catch (error) {
      this.#init.logger.debug('not a revocation list', { error: String(error) })
      return false
    }
  }

  async #redeem(redemption: Redemption): Promise<Signed[]> {
    const { issuer } = this.#init
    if (issuer === undefined)
      throw new AmpError('not-allowed', 'this peer makes no members; join the one the invitation came from')
    return issuer.redeem(redemption, key => this.#revocations.retired(key))
  }

  #judge(peer: PeerId, chain: readonly Certificate[]): Verdict {
    const { mesh, root, clock } = this.#init
    return decide({ mesh, root, peer: publicKeyOf(peer), chain }, this.#revocations.all(), clock.now())
  }

  /** Parts with whom may no longer be here, and looks again when the next certificate ends. */
  #look(): void {
    const { clock, logger } = this.#init
    let next: number = ADMISSION_LIMITS.guestMs
    for (const peer of this.#neighbours.peers()) {
      const verdict = this.#judge(peer, this.#guests.get(peer)?.chain ?? [])
      if (verdict.admitted) next = Math.min(next, verdict.until - clock.now())
      else {
        logger.info('no longer a member', { peer, why: verdict.why })
        this.#guests.delete(peer)
        this.#neighbours.disconnect(peer).catch(() => {})
      }
    }
    this.#forgetStale()
    this.#nextLook?.()
    this.#nextLook = clock.after(Math.max(next, 0), () => this.#look())
  }

  /** Guests whose connection ended, or never came. */
  #forgetStale(): void {
    const here = new Set(this.#neighbours.peers())
    const before = this.#init.clock.now() - ADMISSION_LIMITS.guestMs
    for (const [peer, { since }] of this.#guests) if (!here.has(peer) && since < before) this.#guests.delete(peer)
  }

  #peersOf(member: PublicKey, except: PeerId): number {
    return this.#neighbours.peers().filter(peer => peer !== except && this.#guests.get(peer)?.member === member).length
  }

  #open(certificates: readonly Signed[]): Certificate[] {
    return certificates.map(signed => {
      const name = toBase64url(signed.signature) + toBase64url(signed.body)
      const known = this.#checked.get(name)
      if (known !== undefined) return known
      const certificate = openDocument(CERTIFICATE, signed, this.#init.verify)
      if (this.#checked.size >= CHECKED) this.#checked.clear()
      this.#checked.set(name, certificate)
      return certificate
    })
  }
}
