/** Making members of a closed mesh and taking that back, with the keys in the folder of this user. */
import {
  ADMISSION_LIMITS,
  AmpError,
  identityFromSeed,
  type MeshInvitation,
  openDocument,
  PATTERNS,
  type PeerId,
  type PublicKey,
  peerIdOf,
  publicKeyOf,
  REVOCATION_LIST,
  type SignedList,
  ticketText,
} from '@amp-mesh/protocol'
import type { Issuer } from '../admission/issuer.ts'
import type { KnownMesh } from '../hello.ts'
import { dataRoot } from './data-folder.ts'
import { pinnedMesh } from './known-meshes.ts'
import { localPeers } from './local-peers.ts'
import { MeshKeys } from './mesh-keys.ts'
import { opensslVerify } from './openssl-verify.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'

export interface MeshPlace {
  /** Name of the mesh (default: `default`). */
  mesh?: string
  dataDir?: string
}

export interface InviteInit extends MeshPlace {
  /** Only the peer with this id can use it (default: whoever has the line, once). */
  for?: PeerId
  /** Default: `member`. */
  right?: MeshInvitation['right']
  /** How long it can be used, ms (default: 7 days), and how long the membership then lasts (default: 365 days). */
  opensMs?: number
  lastsMs?: number
}

export interface Invited {
  /** The line to pass on. */
  text: string
  invitation: MeshInvitation
  mesh: string
  /** Where it says to join: the peers of this user that run now. */
  addresses: string[]
}

const WORLD = { verify: opensslVerify(), clock: systemClock, random: systemRandom }
const ADDRESSES = 4

/** Rejects with `not-allowed` when this user may not, or `bad-input`. */
export async function invite(init: InviteInit = {}): Promise<Invited> {
  const { root, mesh, issuer } = await issuerAt(init)
  if (init.for !== undefined && !PATTERNS.peerId.test(init.for))
    throw new AmpError('bad-input', `${init.for.slice(0, 80)} is not the id of a peer: it begins with 12D3KooW`)
  const secret = init.for === undefined ? systemRandom.bytes(32) : undefined
  const key = secret === undefined ? publicKeyOf(init.for as PeerId) : identityFromSeed(secret).publicKey
  const { invitation, signed } = await issuer.invite(key, {
    right: init.right ?? 'member',
    opensMs: init.opensMs ?? ADMISSION_LIMITS.invitationMs,
    lastsMs: Math.min(init.lastsMs ?? ADMISSION_LIMITS.membershipMs, ADMISSION_LIMITS.membershipMs),
  })
  const addresses = await addressesOf(root, mesh.file.name)
  const text = ticketText({
    meshFile: mesh.bytes,
    invitation: signed,
    addresses,
    ...(secret !== undefined && { secret }),
  })
  return { text, invitation, mesh: mesh.file.name, addresses }
}

/** What was taken back, as it now stands in the folder: the next peer of this user that joins tells all others. */
export interface Revoked {
  mesh: string
  serials: string[]
  /** Peers whose key itself was named. */
  peers: PeerId[]
  list: SignedList
}

/** `what`: the serial of an invitation, or the id of a peer. Rejects with `not-allowed` or `bad-input`. */
export async function revoke(what: string, place: MeshPlace = {}): Promise<Revoked> {
  const { mesh, issuer, keys } = await issuerAt(place)
  const isPeer = PATTERNS.peerId.test(what)
  if (!isPeer && !PATTERNS.logId.test(what))
    throw new AmpError('bad-input', `${what.slice(0, 80)} is neither the id of a peer nor the serial of an invitation`)
  const serials = isPeer ? await keys.grantsOf(what) : [what]
  const peers = isPeer ? [what] : []
  const lists = await keys.lists()
  const own = lists.map(list => openDocument(REVOCATION_LIST, list, WORLD.verify))
  const before = own.find(({ by }) => by === issuer.identity.publicKey)
  const list = await issuer.revoke(before, serials, peers.map(publicKeyOf))
  await keys.keepLists([...lists.filter((_, i) => own[i] !== before), list])
  return { mesh: mesh.file.name, serials, peers, list }
}

/** What a rotation came to. */
export interface Rotated {
  mesh: string
  /** The mesh’s key from now on, and the one before it as the id that `revoke` takes. */
  key: PublicKey
  before: PeerId
}

/**
 * Makes a key that succeeds the mesh’s. What the one before it granted stands until it ends or that key is revoked;
 * members that meet a peer of this folder are certified by the new one. Rejects with `not-allowed` or `too-large`.
 */
export async function rotate(place: MeshPlace = {}): Promise<Rotated> {
  const { mesh, keys } = await issuerAt(place)
  const before = await keys.rotate()
  return { mesh: mesh.file.name, key: keys.key, before: peerIdOf(before) }
}

async function issuerAt({ mesh: name = 'default', dataDir: root = dataRoot() }: MeshPlace): Promise<{
  root: string
  mesh: KnownMesh
  keys: MeshKeys
  issuer: Issuer
}> {
  const mesh = await pinnedMesh(root, name)
  if (mesh === undefined)
    throw new AmpError('bad-input', `no mesh '${name}' is known here; say which with --mesh <name>`)
  if (mesh.file.closed !== true)
    throw new AmpError(
      'bad-input',
      `the mesh '${name}' is open: whoever reaches it is in it. A closed one starts with ` +
        '`amp-mesh peer … --mesh <new name> --closed`',
    )
  const keys = await MeshKeys.open({ ...WORLD, root, mesh })
  const issuer = keys.issuer()
  if (issuer === undefined)
    throw new AmpError(
      'not-allowed',
      `only whoever started the mesh '${name}', and its delegates, may do that; ask one of them to invite you ` +
        'with --delegate',
    )
  return { root, mesh, keys, issuer }
}

/** Of the peers running here, those that other machines can reach first. */
async function addressesOf(root: string, mesh: string): Promise<string[]> {
  const peers = (await localPeers(root)).filter(peer => peer.mesh === mesh)
  const all = peers.flatMap(({ addresses }) => addresses)
  const isLocal = (address: string) => /^\/ip4\/127\.|^\/ip6\/::1\//.test(address)
  return [...all.filter(address => !isLocal(address)), ...all.filter(isLocal)].slice(0, ADDRESSES)
}
