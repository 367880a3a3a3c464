/** Which mesh a peer is to be of, and where it joins: by its invitation, its name, its folder, or whoever it joins. */
import { type Identity, type Logger, type MeshFile, readTicket, type Ticket } from '@amp-mesh/protocol'
import { type KnownMesh, knownMesh, readMesh } from '../hello.ts'
import { learnMesh, wrongMesh } from '../joining.ts'
import { meshOfNeighbour, newClosedMesh, newMesh, pinMesh, pinnedMesh } from './known-meshes.ts'
import { nodeNetwork } from './node-network.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'

/** What a person says about it. */
export interface MeshChoice {
  mesh?: string | MeshFile
  invitation?: string
  join?: readonly string[]
  keysFrom?: string
  signal?: AbortSignal
}

export interface ChosenMesh {
  /** What the folder of the mesh is called. */
  name: string
  /** The mesh, where it is known before this peer starts one itself. */
  mesh: KnownMesh | undefined
  ticket: Ticket | undefined
  /** Addresses to join at. */
  join: readonly string[]
}

/** Rejects with `bad-input`, `unreachable`, `wrong-mesh`, or `not-allowed` by a closed mesh, which tells nothing. */
export async function chooseMesh(choice: MeshChoice, root: string, logger: Logger): Promise<ChosenMesh> {
  const ticket = choice.invitation === undefined ? undefined : readTicket(choice.invitation)
  const join = choice.join?.length ? choice.join : (ticket?.addresses ?? [])
  const mesh = ticket === undefined ? await known({ ...choice, join }, root, logger) : readMesh(ticket.meshFile)
  const name = mesh?.file.name ?? (typeof choice.mesh === 'string' ? choice.mesh : 'default')
  return { name, mesh, ticket, join }
}

/** Pins the mesh, which starts now if there is none. Rejects with `wrong-mesh` when another has that name here. */
export async function settleMesh(
  { name, mesh }: ChosenMesh,
  root: string,
  founder: { identity: Identity; closed: boolean },
): Promise<KnownMesh> {
  const found = () => (founder.closed ? newClosedMesh(root, name, founder.identity) : newMesh(name, founder.identity))
  const pinned = await pinMesh(root, name, mesh ?? (await found()))
  if (mesh !== undefined && mesh.id !== pinned.id) throw wrongMesh(name)
  return pinned
}

async function known(
  { mesh, join, keysFrom, signal }: MeshChoice & { join: readonly string[] },
  root: string,
  logger: Logger,
): Promise<KnownMesh | undefined> {
  if (typeof mesh === 'object') return knownMesh(mesh)
  const pinned = mesh === undefined ? undefined : await pinnedMesh(root, mesh)
  if (pinned !== undefined) return pinned
  if (join.length === 0) return mesh === undefined ? pinnedMesh(root, 'default') : undefined
  const neighbour = await meshOfNeighbour(join, keysFrom ?? root)
  if (neighbour !== undefined) return neighbour
  const scout = await nodeNetwork({ mesh: 'scout', seed: systemRandom.bytes(32), topics: [], logger })
  const learnt = await learnMesh(scout, systemClock, join, signal)
  if (mesh !== undefined && learnt.file.name !== mesh) throw wrongMesh(mesh)
  return learnt
}
