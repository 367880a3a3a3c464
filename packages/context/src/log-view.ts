/** One author's log, as people and tools may want to know of it. */
import type { LogId, PublicKey } from '@amp-mesh/protocol'
import { finalSeq } from './ledger/acks.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Log } from './ledger/log.ts'

export interface LogView {
  readonly id: LogId
  readonly by: PublicKey
  readonly epoch: number
  /** Entries that count. */
  readonly length: number
  /** The last entry that a quorum of verifiers holds: nothing up to it can be lost any more. -1: none. */
  readonly final: number
  /** The first sequence that the author signed twice, if it did. */
  readonly fork?: number
}

export function logView(log: Log, ledger: Ledger): LogView {
  const { id, by, epoch, length, fork } = log
  return {
    id,
    by,
    epoch,
    length,
    final: finalSeq(log, ledger.acks.of(id), ledger.forks, by),
    ...(fork && { fork: fork.at }),
  }
}
