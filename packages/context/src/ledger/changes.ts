/** What a ledger took in and gave up since somebody last looked. */
import type { LogId, Rec } from '@amp-mesh/protocol'
import type { Opaque } from '../records.ts'

/** What changed since the last look: to be stored first, then told. */
export interface Changes {
  /** New records. Meaningless when `reset` is true. */
  readonly records: readonly (Rec | Opaque)[]
  /** Records were taken away or put back (a fork, a lost admission): read `records()` again. */
  readonly reset: boolean
  /** New segments, cut to what was new in them. */
  readonly segments: readonly NewSegment[]
  /** Logs with a fork of which more is known than before. */
  readonly forks: readonly LogId[]
}

export interface NewSegment {
  readonly log: LogId
  readonly from: number
  readonly bytes: Uint8Array
}

export class ChangeLog {
  #records: (Rec | Opaque)[] = []
  #segments: NewSegment[] = []
  #forks = new Set<LogId>()
  #reset = false

  add(records: readonly (Rec | Opaque)[]): void {
    for (const record of records) this.#records.push(record)
  }

  store(segment: NewSegment): void {
    this.#segments.push(segment)
  }

  fork(log: LogId): void {
    this.#forks.add(log)
  }

  reset(): void {
    this.#reset = true
  }

  /** Everything noted since the last call. */
  take(): Changes {
    const changes = { records: this.#records, segments: this.#segments, forks: [...this.#forks], reset: this.#reset }
    this.#records = []
    this.#segments = []
    this.#forks = new Set()
    this.#reset = false
    return changes
  }
}
