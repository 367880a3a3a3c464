/** What a peer is composed of: the adapters of the machine it runs on, handed in. */
import { LexicalEmbedder } from '@amp-mesh/discovery'
import {
  type Clock,
  type Embedder,
  type FailureDetection,
  type Hash,
  type Identity,
  type Logger,
  type Metrics,
  type Model,
  type Network,
  type PeerId,
  type Random,
  type Storage,
  silentTracer,
  type Tracer,
  type Verify,
} from '@amp-mesh/protocol'
import type { KnownMesh } from './hello.ts'
import type { IndexHolding, IndexHoldingInit } from './index-holding.ts'
import { silentMetrics } from './silent-metrics.ts'

export interface PeerParts {
  mesh: KnownMesh
  network: Network
  storage: Storage
  identity: Identity
  verify: Verify
  /** The fastest SHA-256 there is; default: the portable one. */
  hash?: Hash
  clock: Clock
  random: Random
  logger: Logger
  /** Counters `amp_messages_{sent,received}` and `amp_bytes_{sent,received}`, by type; default: nobody counts. */
  metrics?: Metrics
  /** Default: nothing is recorded. */
  tracer?: Tracer
  /** Default: the built-in lexical one. */
  embedder?: Embedder
  /** How a silence is judged; default: FAILURE_DETECTION. */
  failureDetection?: FailureDetection
  model?: Model
  /** Its share of the mesh's index; default: it asks and publishes, and holds nothing for others. */
  newHolding?(init: IndexHoldingInit): IndexHolding
  /** Asks the connection keeper to hold a connection to this peer. */
  keep(peer: PeerId): void
  /** Called once the network is up: the keeper may start. It tells of dials that failed. */
  started(onDialFailed: (peer: PeerId) => void): void
  /** Ends the storage, the keeper and whatever else the parts hold; last of all. */
  close(): Promise<void>
}

/** With the defaults filled in. */
export type CompleteParts = PeerParts & Required<Pick<PeerParts, 'metrics' | 'tracer' | 'embedder'>>

export const completed = (parts: PeerParts): CompleteParts => ({
  ...parts,
  metrics: parts.metrics ?? silentMetrics,
  tracer: parts.tracer ?? silentTracer,
  embedder: parts.embedder ?? new LexicalEmbedder(),
})
