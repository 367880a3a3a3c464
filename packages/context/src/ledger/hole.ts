/** An op of which only the hash is here. */
import type { LogId, PublicKey, RecordId } from '@amp-mesh/protocol'

export interface Hole {
  readonly log: LogId
  readonly by: PublicKey
  /** Sequence of its entry, and its number in the log. */
  readonly seq: number
  readonly n: number
  /** Of its bytes. */
  readonly length: number
  readonly id: RecordId
}
