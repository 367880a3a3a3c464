/** What was taken back in a mesh: the newest list of each signer who may have one. */
import {
  AmpError,
  type Certificate,
  type MeshId,
  openDocument,
  type PublicKey,
  REVOCATION_LIST,
  type SignedList,
  type Verify,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { decide, type Revocation } from './decision.ts'

export interface RevocationsInit {
  mesh: MeshId
  /** The key in the mesh file. */
  root: PublicKey
  verify: Verify
  /** The certificates, their signatures checked. Throws DecodeError. */
  open(certificates: SignedList['certificates']): Certificate[]
}

/** By signer and version: what one holds, in short. */
export type Held = [signer: PublicKey, version: number][]

interface Kept extends Revocation {
  readonly version: number
  readonly list: SignedList
}

export class Revocations {
  readonly #init: RevocationsInit
  readonly #kept = new Map<PublicKey, Kept>()

  constructor(init: RevocationsInit) {
    this.#init = init
  }

  all(): readonly Revocation[] {
    return [...this.#kept.values()]
  }

  /** Whether the mesh took everything back that this key grants. */
  retired(key: PublicKey): boolean {
    return this.all().some(({ right, keys }) => right === 'mesh' && keys.has(key))
  }

  lists(): SignedList[] {
    return [...this.#kept.values()].map(({ list }) => list)
  }

  held(): Held {
    return [...this.#kept].map(([signer, { version }]) => [signer, version])
  }

  /** Lists that one who holds those lacks. */
  beyond(held: Held): SignedList[] {
    const versions = new Map(held)
    return [...this.#kept]
      .filter(([signer, { version }]) => version > (versions.get(signer) ?? -1))
      .map(([, { list }]) => list)
  }

  /**
   * Takes a list in, if it is newer than what is held of its signer. True when it was. Throws DecodeError for what is
   * none, and `not-allowed` for one whose signer may take nothing back.
   */
  learn(list: SignedList, now: number): boolean {
    const { mesh, root, verify, open } = this.#init
    if ([...this.#kept.values()].some(known => isSame(known.list, list))) return false
    const { by, version, serials, keys, mesh: named } = openDocument(REVOCATION_LIST, list, verify)
    if (named !== mesh) throw new AmpError('wrong-mesh')
    if (version <= (this.#kept.get(by)?.version ?? -1)) return false
    const chain = open(list.certificates)
    const signer = decide({ mesh, root, peer: by, chain }, this.all(), now)
    if (!signer.admitted || !(signer.right === 'mesh' || signer.right === 'delegate'))
      throw new AmpError('not-allowed', 'a revocation list of one who may take nothing back')
    const issuers = new Set([by, ...chain.filter(({ right }) => right === signer.right).map(({ key }) => key)])
    const own = new Set(chain.map(({ serial }) => serial))
    if (!this.#kept.has(by) && this.#kept.size >= WIRE_LIMITS.revocationLists) this.#makeRoom(signer.right)
    this.#kept.set(by, {
      serials: new Set(serials),
      keys: new Set(keys),
      right: signer.right,
      issuers,
      own,
      version,
      list,
    })
    return true
  }

  /** A delegate’s list gives way to that of a mesh key; else those that are there stay. */
  #makeRoom(right: Revocation['right']): void {
    const lesser = [...this.#kept].find(([, kept]) => kept.right !== 'mesh')
    if (right !== 'mesh' || lesser === undefined)
      throw new AmpError('too-large', 'too many keys of this mesh have revocation lists; revoke with the mesh’s key')
    this.#kept.delete(lesser[0])
  }
}

const isSame = (a: SignedList, b: SignedList): boolean =>
  a.signature.length === b.signature.length && a.signature.every((byte, i) => byte === b.signature[i])
