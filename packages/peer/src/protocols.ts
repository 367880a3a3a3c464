/** The names a mesh goes by on the wire: protocol ids and gossip topics. ARCHITECTURE.md §3. */
import { type MeshFile, type MeshId, meshLabel } from '@amp-mesh/protocol'

export const PROTOCOL_VERSION = '1.0'
export const FEATURES: readonly string[] = []

/** Spoken before the mesh is known: each side says `hello`; whoever joins by an address learns the mesh file here. */
export const HELLO_PROTOCOL = '/amp-mesh/hello/1.0.0'

export interface WireNames {
  amp: string
  sync: string
  card: string
  index: string
  direct: string
  topics: {
    /** One card a message; and several: earlier peers do not know those, and pull the cards from their neighbours. */
    cards: string
    batches: string
    broadcast: string
    pub: string
  }
}

export function wireNames(mesh: MeshId): WireNames {
  const label = meshLabel(mesh)
  return {
    amp: `/amp-mesh/${label}/amp/1.0.0`,
    sync: `/amp-mesh/${label}/sync/1.0.0`,
    card: `/amp-mesh/${label}/card/1.0.0`,
    index: `/amp-mesh/${label}/index/1.0.0`,
    direct: `/amp-mesh/${label}/direct/1.0.0`,
    topics: {
      cards: `amp-mesh/${label}/cards`,
      batches: `amp-mesh/${label}/batches`,
      broadcast: `amp-mesh/${label}/broadcast`,
      pub: `amp-mesh/${label}/pub`,
    },
  }
}

/** What is gossiped in a closed mesh beside the rest: what was taken back. */
export const revocationsTopic = (mesh: MeshId): string => `amp-mesh/${meshLabel(mesh)}/revocations`

export const topicsOf = ({ id, file }: { id: MeshId; file: MeshFile }): string[] => [
  ...Object.values(wireNames(id).topics),
  ...(file.closed === true ? [revocationsTopic(id)] : []),
]
