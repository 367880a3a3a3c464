/** Which keys signed two histories, in which epochs: what that costs them, and the quorums they are in. */
import type { Genesis, PublicKey } from '@amp-mesh/protocol'
import { type Quorum, quorumOf } from '../quorum.ts'
import type { Bench } from './acks.ts'
import { verifiersOf } from './authors.ts'
import type { Log } from './log.ts'

export class Forks implements Bench {
  readonly quorum: Quorum
  readonly broken = new Set<PublicKey>()
  readonly #verifiers: ReadonlySet<PublicKey>
  readonly #logs = new Set<Log>()
  /** By key, lowest first. */
  readonly #epochs = new Map<PublicKey, readonly number[]>()

  constructor(genesis: Genesis) {
    this.quorum = quorumOf(genesis)
    this.#verifiers = verifiersOf(genesis)
  }

  get logs(): ReadonlySet<Log> {
    return this.#logs
  }

  add(log: Log): void {
    this.#logs.add(log)
    const epochs = new Set([...(this.#epochs.get(log.by) ?? []), log.epoch])
    this.#epochs.set(
      log.by,
      [...epochs].sort((a, b) => a - b),
    )
    if (this.#verifiers.has(log.by)) this.broken.add(log.by)
  }

  /** After a key's second proven fork its later epochs are ignored. */
  lastEpoch(by: PublicKey): number {
    return this.#epochs.get(by)?.[1] ?? Number.POSITIVE_INFINITY
  }
}
