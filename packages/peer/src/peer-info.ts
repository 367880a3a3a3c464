/** What this peer can tell of another one: its cards, its connection, whether it answers. */
import type { Directory } from '@amp-mesh/discovery'
import type { Network, PeerId } from '@amp-mesh/protocol'
import type { PeerInfo } from './contract.ts'
import type { Links } from './links.ts'

export interface PeerInfoSources {
  links: Links
  network: Network
  directory: Directory
}

export function peerInfo(id: PeerId, { links, network, directory }: PeerInfoSources): PeerInfo {
  const agents = directory.of(id)
  const rttMs = links.rttMs(id)
  const absence = links.absence(id)
  const transport = network.transport(id)
  const traffic = links.traffic(id)
  return {
    id,
    state: absence?.state ?? (links.isUp(id) ? 'reachable' : 'known'),
    ...(absence?.why !== undefined && { why: absence.why }),
    addresses: agents[0]?.addresses ?? [],
    agents,
    ...(rttMs !== undefined && { rttMs }),
    ...(transport !== undefined && { transport }),
    ...(traffic !== undefined && { traffic }),
  }
}
