/** What changed in a ledger since the last look: to be stored first, then told. */
import type { LogId, Rec } from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'

export interface Changes {
  /** New records. Meaningless when `reset` is true. */
  readonly records: readonly (Rec | Opaque)[]
  /** Records were taken away or put back (a fork, a lost admission): read `records()` again. */
  readonly reset: boolean
  /** New segments, cut to what was new in them. */
  readonly segments: readonly { readonly log: LogId; readonly from: number; readonly bytes: Uint8Array }[]
  /** Logs with a fork of which more is known than before. */
  readonly forks: readonly LogId[]
}

/** Collects changes. */
export class ChangeList {
  readonly records: (Rec | Opaque)[] = []
  reset = false
  readonly segments: { log: LogId; from: number; bytes: Uint8Array }[] = []
  readonly forks = new Set<LogId>()

  taken(): Changes {
    return { records: this.records, reset: this.reset, segments: this.segments, forks: [...this.forks] }
  }
}
