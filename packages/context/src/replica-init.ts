/** What a replica is given: the world it lives in, and what it shall do. */
import type {
  Clock,
  Hash,
  Identity,
  LedgerCode,
  Logger,
  PeerId,
  PublicKey,
  Random,
  Storage,
  Verify,
} from '@amp-mesh/protocol'
import type { SyncMessage } from './sync/sync-message.ts'

export interface ReplicaInit {
  genesis: Uint8Array
  storage: Storage
  identity: Identity
  verify: Verify
  clock: Clock
  random: Random
  logger: Logger
  /** Default: the portable one. */
  hash?: Hash
  /** This peer founds the space at this moment: nobody can hold anything of it yet. */
  founded?: boolean
  /** Keeps what checkpoints made superfluous. */
  archive?: boolean
  /** Hands a message to the connection; must not throw. False: not taken now. The next heads make up for a lost one. */
  send(peer: PeerId, message: SyncMessage): boolean
  /** A neighbour sent something that no honest peer sends. */
  onStrike?(peer: PeerId, code: LedgerCode): void
  /** Of a key whose segments wait: may this peer, a verifier, admit it now? Default: no. */
  mayAdmit?(pub: PublicKey): boolean
}
