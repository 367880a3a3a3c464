/** Entries whose bytes the store lost: their hashes are still known, so whoever brings them again can be believed. */
import { equalBytes, type LogId, type Verify } from '@amp-mesh/protocol'
import type { ChangeLog } from './changes.ts'
import type { Forgetting } from './forgetting.ts'
import type { Links } from './hasher.ts'
import type { Log } from './log.ts'
import type { Outcome } from './outcome.ts'
import { type Segment, tailOf } from './segment.ts'

/** All that is lost of a log lies in entries [from, to]; not all of these need be. */
export interface Lost {
  readonly log: Log
  readonly from: number
  readonly to: number
}

export interface LossesInit {
  verify: Verify
  changes: ChangeLog
  forgetting: Forgetting
}

export class Losses {
  readonly #init: LossesInit
  readonly #byLog = new Map<LogId, Lost>()

  constructor(init: LossesInit) {
    this.#init = init
  }

  /** The store has nothing of entries [from, to], or nothing that can be read. */
  note(log: Log, from: number, to: number): void {
    const before = this.#byLog.get(log.id)
    const first = Math.min(from, before?.from ?? from)
    this.#byLog.set(log.id, { log, from: first, to: Math.max(to, before?.to ?? to) })
  }

  /** What is to be asked for. What was pruned since is not missed. */
  *all(): Iterable<Lost> {
    for (const { log, from, to } of this.#byLog.values())
      if (to >= log.trunk.start) yield { log, from: Math.max(from, log.trunk.start), to }
  }

  /** A segment that the ledger knows may be what the store lost. `bad-signature`: it can't be kept. */
  regain(log: Log, segment: Segment, { hashes }: Links): Outcome {
    const lost = this.#byLog.get(log.id)
    const last = segment.from + segment.entries.length - 1
    if (lost === undefined || segment.from > lost.from || last < lost.from) return 'duplicate'
    const hash = hashes.at(-1) as Uint8Array
    if (!equalBytes(hash, log.trunk.hashAt(last) ?? new Uint8Array())) return 'duplicate' // of another history
    // the chain covers the entries; that others can believe them too the signature must hold
    if (!this.#init.verify(segment.signature, hash, log.pub)) return 'bad-signature'
    this.#init.changes.restore({ log: log.id, from: lost.from, bytes: tailOf(segment, lost.from, hashes) })
    this.#init.forgetting.forgetAgain(log, lost.from, last)
    if (last < lost.to) this.#byLog.set(log.id, { ...lost, from: last + 1 })
    else this.#byLog.delete(log.id)
    return 'duplicate'
  }
}
