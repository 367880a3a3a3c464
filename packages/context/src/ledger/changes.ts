/** What a ledger took in and gave up since somebody last looked. */
import type { LogId, Rec } from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'
import type { LiveOp } from './live-records.ts'

/** What changed since the last look: to be stored first, then told. */
export interface Changes {
  /** New records. Meaningless when `reset` is true. */
  readonly records: readonly (Rec | Opaque)[]
  /** Records were taken away or put back (a fork, a lost admission): read `records()` again. */
  readonly reset: boolean
  /** New segments, cut to what was new in them. */
  readonly segments: readonly NewSegment[]
  /** Segments to be stored in place of all that is stored of their entries: it was damaged. */
  readonly restored: readonly NewSegment[]
  /** Stored ops whose bytes came, or are to be forgotten. */
  readonly ops: readonly OpChange[]
  /** Logs that begin here with a checkpoint. */
  readonly checkpoints: readonly NewCheckpoint[]
  /** Logs with a fork of which more is known than before. */
  readonly forks: readonly LogId[]
}

export interface NewSegment {
  readonly log: LogId
  readonly from: number
  readonly bytes: Uint8Array
}

/** `segment` begins with the entry of the checkpoint. */
export interface NewCheckpoint {
  readonly log: LogId
  readonly segment: Uint8Array
  readonly live: readonly LiveOp[]
}

/** The k-th op of entry `seq`. Without bytes: to be replaced by its hash. */
export interface OpChange {
  readonly log: LogId
  readonly seq: number
  readonly k: number
  readonly bytes?: Uint8Array
}

export class ChangeLog {
  #records: (Rec | Opaque)[] = []
  #segments: NewSegment[] = []
  #restored: NewSegment[] = []
  #ops: OpChange[] = []
  #checkpoints: NewCheckpoint[] = []
  #forks = new Set<LogId>()
  #reset = false

  add(records: readonly (Rec | Opaque)[]): void {
    for (const record of records) this.#records.push(record)
  }

  store(segment: NewSegment): void {
    this.#segments.push(segment)
  }

  restore(segment: NewSegment): void {
    this.#restored.push(segment)
  }

  op(change: OpChange): void {
    this.#ops.push(change)
  }

  checkpoint(checkpoint: NewCheckpoint): void {
    this.#checkpoints.push(checkpoint)
  }

  fork(log: LogId): void {
    this.#forks.add(log)
  }

  reset(): void {
    this.#reset = true
  }

  /** Everything noted since the last call. */
  take(): Changes {
    const changes = {
      records: this.#records,
      segments: this.#segments,
      restored: this.#restored,
      ops: this.#ops,
      checkpoints: this.#checkpoints,
      forks: [...this.#forks],
      reset: this.#reset,
    }
    this.#records = []
    this.#segments = []
    this.#restored = []
    this.#ops = []
    this.#checkpoints = []
    this.#forks = new Set()
    this.#reset = false
    return changes
  }
}
