/** What a peer on Node is composed of. */
import type { Membership } from '../admission/membership.ts'
import type { Keeper } from '../network/keeper.ts'
import type { PeerParts } from '../peer-parts.ts'
import type { NodeNetwork } from './node-network.ts'

export interface NodeParts extends PeerParts {
  network: NodeNetwork
  keeper: Keeper
  /** Addresses to join at. */
  join: readonly string[]
  /** In a closed mesh. */
  membership?: Membership
  /** Who may attach to the rooms. */
  door: { token: string; origins: readonly string[]; names: readonly string[] }
  /** Data root of this peer, where it is registered for others on this machine; and its own folder below that. */
  root: string
  folder: string
}
