/** What goes to neighbours: messages, and what has to be read from the store before it is one. */
import type { LogId, Message, PeerId } from '@amp-mesh/protocol'

export type SyncMessage = Message<
  'heads' | 'digests' | 'want' | 'segment' | 'proof' | 'checkpoint' | 'ops_want' | 'ops' | 'busy'
>

/** Entries of our first history of a log, to be read from the store and sent: RAM holds only an index. */
export interface Serve {
  readonly type: 'serve'
  readonly log: LogId
  readonly from: number
  /** Last entry; below `from` when none is to be sent. */
  readonly to: number
  /** Of a forked log, then: what proves the fork, or all that is held of its other histories. */
  readonly fork?: 'proof' | 'branches'
  /** First: its last checkpoint, at entry `from`. */
  readonly checkpoint?: true
}

/** Ops whose bytes somebody lacks, to be read from the store and sent. */
export interface ServeOps {
  readonly type: 'serve_ops'
  readonly ops: Message<'ops_want'>['ops']
}

export type Outgoing = readonly [to: PeerId, what: SyncMessage | Serve | ServeOps]
