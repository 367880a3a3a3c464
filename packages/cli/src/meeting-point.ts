/** Where a new peer meets its mesh: `--join`, else AMP_MESH_JOIN, else the peers running on this machine. */
import { AmpError } from '@amp-mesh/protocol'
import type { MeshOptions } from './options.ts'
import type { World } from './world.ts'

/** Local peers to dial: one is enough to join, more survive one that has just died. */
const LOCAL_PEERS = 4

/** Addresses to dial; none when nobody is known. Throws `bad-input` when several meshes run here: choose one. */
export async function meetingPoint(
  { join = [], mesh, dataDir, invitation }: Pick<MeshOptions, 'join' | 'mesh' | 'dataDir' | 'invitation'>,
  { env, localPeers }: Pick<World, 'env' | 'localPeers'>,
): Promise<string[]> {
  if (join.length > 0) return join
  if (invitation !== undefined) return [] // it says itself where to join
  const fromEnvironment = (env.AMP_MESH_JOIN ?? '').split(/[\s,]+/).filter(address => address !== '')
  if (fromEnvironment.length > 0) return fromEnvironment

  const local = (await localPeers(dataDir)).filter(peer => mesh === undefined || peer.mesh === mesh)
  const meshes = new Set(local.map(peer => peer.mesh))
  if (meshes.size > 1)
    throw new AmpError(
      'bad-input',
      `Several meshes run on this machine: ${[...meshes].join(', ')}. Choose one with --mesh.`,
    )
  return local.slice(0, LOCAL_PEERS).flatMap(peer => peer.addresses.slice(0, 1))
}
