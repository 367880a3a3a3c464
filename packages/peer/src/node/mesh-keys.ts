/**
 * What the folder of a closed mesh holds, for all peers of one user on this machine: the mesh’s key where it was
 * founded, else a member key and its certificates; who was made a member from here; what was taken back.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  ADMISSION_LIMITS,
  AmpError,
  CERTIFICATE,
  type Certificate,
  type Clock,
  decodeMessage,
  encodeMessage,
  fromUtf8,
  type Identity,
  type Message,
  openDocument,
  PATTERNS,
  type PeerId,
  type PublicKey,
  type Random,
  type Signed,
  type SignedList,
  utf8,
  type Verify,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { Issuer } from '../admission/issuer.ts'
import type { KnownMesh } from '../hello.ts'
import { folderName } from './data-folder.ts'
import { identityOf, knownSeed, seedFromFile } from './identity-file.ts'
import { writeOnce } from './write-once.ts'

export interface MeshKeysInit {
  root: string
  mesh: KnownMesh
  verify: Verify
  clock: Clock
  random: Random
}

const MESH_KEY = 'mesh.key'
/** One that is to succeed it: it does as soon as the certificates name it. */
const NEXT_KEY = 'mesh.key.next'
const MEMBER_KEY = 'member.key'
const CERTIFICATES = 'certificates'
const REVOCATIONS = 'revocations'
/** The mesh’s key itself ends at no time, and nobody is left to renew what succeeds it, ms: some centuries. */
const FOR_GOOD = 1e13
/** Which member each invitation made, and by which grant each peer was seen: no peer can have these names. */
const REDEEMED = '.redeemed'
const SEEN = '.seen'

/** Makes the key of a mesh to be founded; of several processes at once one makes it. */
export async function newMeshKey(root: string, name: string, random: Random): Promise<PublicKey> {
  const folder = join(root, folderName(name))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return identityOf(await seedFromFile(join(folder, MESH_KEY), random)).publicKey
}

export class MeshKeys {
  readonly #init: MeshKeysInit
  readonly #folder: string
  #identity: Identity
  readonly #isFounder: boolean
  #certificates: readonly Signed[]

  /** Opens the folder; makes a member key where there is no key of the mesh. */
  static async open(init: MeshKeysInit): Promise<MeshKeys> {
    const folder = join(init.root, folderName(init.mesh.file.name))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const kept = await readMessage(join(folder, CERTIFICATES), 'admission')
    const certificates = kept?.certificates ?? []
    const next = await knownSeed(join(folder, NEXT_KEY))
    if (next !== undefined && certifiedIn(certificates, init.verify) === identityOf(next).publicKey)
      await rename(join(folder, NEXT_KEY), join(folder, MESH_KEY)) // a rotation was cut short here
    const meshSeed = await knownSeed(join(folder, MESH_KEY))
    const seed = meshSeed ?? (await seedFromFile(join(folder, MEMBER_KEY), init.random))
    return new MeshKeys(init, folder, identityOf(seed), meshSeed !== undefined, certificates)
  }

  private constructor(
    init: MeshKeysInit,
    folder: string,
    identity: Identity,
    isFounder: boolean,
    certificates: readonly Signed[],
  ) {
    this.#init = init
    this.#folder = folder
    this.#identity = identity
    this.#isFounder = isFounder
    this.#certificates = certificates
  }

  /** The member’s key; where the mesh was founded, the mesh’s. */
  get key(): PublicKey {
    return this.#identity.publicKey
  }

  /** Whether peers of this folder can show anything: else an invitation is needed. */
  get isMember(): boolean {
    return this.#isFounder || this.#certificates.length > 0
  }

  /** Certifies the peers of this folder. */
  voucher(): Issuer {
    const { mesh } = this.#init
    const certificates = [...this.#certificates]
    return new Issuer({
      ...this.#init,
      mesh: mesh.id,
      identity: this.#identity,
      certificates,
      redeem: (serial, member) => this.#redeem(serial, member),
    })
  }

  /** Makes members, where the key of this folder may. */
  issuer(): Issuer | undefined {
    const last = this.#certificates.at(-1)
    const right = last === undefined ? undefined : this.#open(last).right
    return this.#isFounder || right === 'delegate' ? this.voucher() : undefined
  }

  /**
   * Makes a key that succeeds the mesh’s, which is kept no longer; resolves with that. Who runs a peer of this folder
   * goes on with the old one until it starts again. Rejects with `not-allowed` where the mesh was not founded here, or
   * `too-large` when no chain has room for one more.
   */
  async rotate(): Promise<PublicKey> {
    const { random } = this.#init
    if (!this.#isFounder)
      throw new AmpError(
        'not-allowed',
        'only whoever started the mesh has its key; a member’s ends by `amp-mesh revoke`',
      )
    if (this.#certificates.length >= ADMISSION_LIMITS.successors)
      throw new AmpError(
        'too-large',
        `the key of a mesh has ${ADMISSION_LIMITS.successors} successors; found a new mesh`,
      )
    const next = join(this.#folder, NEXT_KEY)
    await rm(next, { force: true })
    const identity = identityOf(await seedFromFile(next, random))
    const certificates = await this.voucher().certify(identity.publicKey, 'mesh', FOR_GOOD)
    await this.#keepCertificates(certificates)
    await rename(next, join(this.#folder, MESH_KEY))
    const before = this.key
    this.#identity = identity
    this.#certificates = certificates
    return before
  }

  /** What a peer of this folder shows, made anew when more than half of its time is over. */
  shownBy(peer: PublicKey): () => Promise<Signed[]> {
    let shown: { from: readonly Signed[]; anew: number; certificates: Signed[] } | undefined
    return async () => {
      const now = this.#init.clock.now()
      if (shown === undefined || shown.from !== this.#certificates || now > shown.anew) {
        const from = this.#certificates
        const certificates = await this.voucher().certify(peer, 'peer', ADMISSION_LIMITS.membershipMs)
        shown = { from, certificates, anew: now + ADMISSION_LIMITS.membershipMs / 2 }
      }
      return shown.certificates
    }
  }

  /** Takes what was issued to the member key of this folder. Throws `not-allowed` for what is another’s. */
  async receive(certificates: readonly Signed[]): Promise<void> {
    const last = certificates.at(-1)
    if (this.#isFounder || last === undefined || this.#open(last).key !== this.key)
      throw new AmpError('not-allowed', 'that peer answered with certificates of somebody else')
    await this.#keepCertificates(certificates)
    this.#certificates = [...certificates]
  }

  #keepCertificates(certificates: readonly Signed[]): Promise<void> {
    const shown = { certificates: [...certificates], held: [], lists: [] }
    return writeMessage(join(this.#folder, CERTIFICATES), { type: 'admission', ...shown })
  }

  async lists(): Promise<SignedList[]> {
    return (await readMessage(join(this.#folder, REVOCATIONS), 'revocations'))?.lists ?? []
  }

  keepLists(lists: readonly SignedList[]): Promise<void> {
    return writeMessage(join(this.#folder, REVOCATIONS), { type: 'revocations', lists: [...lists] })
  }

  /** Notes by which grant a peer came in, so that the grant can be taken back by the peer’s name. */
  async seen(peer: PeerId, serial: string): Promise<void> {
    await writeOnce(join(this.#folder, SEEN), peer, utf8(serial))
  }

  /** The grants that let this peer in, as far as they were seen from here. */
  async grantsOf(peer: PeerId): Promise<string[]> {
    if (!PATTERNS.peerId.test(peer)) return []
    const serial = await readFile(join(this.#folder, SEEN, peer), 'utf8').catch(() => '')
    return PATTERNS.logId.test(serial) ? [serial] : []
  }

  /** Serials of invitations that were used, made here. */
  async redeemed(): Promise<string[]> {
    return (await readdir(join(this.#folder, REDEEMED)).catch(() => [])).filter(name => PATTERNS.logId.test(name))
  }

  async #redeem(serial: string, member: PublicKey): Promise<boolean> {
    return fromUtf8(await writeOnce(join(this.#folder, REDEEMED), serial, utf8(member))) === member
  }

  #open(signed: Signed): Certificate {
    return openDocument(CERTIFICATE, signed, this.#init.verify)
  }
}

/** The key that certificates end with, if there are any. */
const certifiedIn = (certificates: readonly Signed[], verify: Verify): PublicKey | undefined => {
  const last = certificates.at(-1)
  return last && openDocument(CERTIFICATE, last, verify).key
}

async function readMessage<T extends 'admission' | 'revocations'>(
  file: string,
  type: T,
): Promise<Extract<Message, { type: T }> | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  try {
    const message = decodeMessage(bytes, { maxBytes: WIRE_LIMITS.message })
    if (isOf(type, message)) return message
  } catch {}
  throw new AmpError('damaged-store', `${file} cannot be read; restore it, or delete it and ask for an invitation`)
}

async function writeMessage(file: string, message: Message<'admission' | 'revocations'>): Promise<void> {
  const draft = `${file}.${process.pid}`
  await writeFile(draft, encodeMessage(message), { mode: 0o600, flush: true })
  await rename(draft, file)
}

const isOf = <T extends string>(type: T, message: Message): message is Extract<Message, { type: T }> =>
  message.type === type
