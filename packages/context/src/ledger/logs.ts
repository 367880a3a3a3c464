/** The logs a ledger holds, by id, and by key and epoch. */
import type { LogId, PublicKey } from '@amp-mesh/protocol'
import type { Log } from './log.ts'

export class Logs {
  readonly #byId = new Map<LogId, Log>()
  readonly #byAuthor = new Map<PublicKey, (Log | undefined)[]>()

  get(id: LogId): Log | undefined {
    return this.#byId.get(id)
  }

  /** Without an id to be computed: this is asked for every segment. */
  find(by: PublicKey, epoch: number): Log | undefined {
    return this.#byAuthor.get(by)?.[epoch]
  }

  /** By epoch; undefined where none is held. */
  of(by: PublicKey): readonly (Log | undefined)[] {
    return this.#byAuthor.get(by) ?? []
  }

  all(): Iterable<Log> {
    return this.#byId.values()
  }

  add(log: Log): void {
    this.#byId.set(log.id, log)
    const own = this.#byAuthor.get(log.by) ?? []
    this.#byAuthor.set(log.by, own)
    own[log.epoch] = log
  }

  /** Whoever is asked next begins it anew. */
  drop(log: Log): void {
    this.#byId.delete(log.id)
    const own = this.#byAuthor.get(log.by)
    if (own !== undefined) own[log.epoch] = undefined
  }
}
