/** What a peer on Node is composed of. */
import type { Membership } from '../admission/membership.ts'
import type { Keeper } from '../network/keeper.ts'
import type { PeerParts } from '../peer-parts.ts'
import type { NodeNetwork } from './node-network.ts'
import type { PrometheusMetrics } from './prometheus-metrics.ts'

export interface NodeParts extends PeerParts {
  network: NodeNetwork
  keeper: Keeper
  metrics: PrometheusMetrics
  /** Addresses to join at. */
  join: readonly string[]
  /** In a closed mesh. */
  membership?: Membership
  /** Who may speak through the gateway and attach to the rooms; `tokenFile`: where its owner finds the token. */
  door: { token: string; origins: readonly string[]; names: readonly string[]; tokenFile?: string }
  /** Data root of this peer, where it is registered for others on this machine; and its own folder below that. */
  root: string
  folder: string
}
