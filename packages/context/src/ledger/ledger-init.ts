/** What a ledger is given: its space, and what it can't do by itself. */
import type { Hash, PublicKey, Verify } from '@amp-mesh/protocol'

export interface LedgerInit {
  genesis: Uint8Array
  verify: Verify
  /** Default: the portable one. */
  hash?: Hash
  /** ms since the epoch; only R9 asks it. */
  now(): number
  /** The holder's own key: its log is held and shown here before anybody admitted it. */
  self?: PublicKey
}
