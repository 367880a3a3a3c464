/** The logs of a space, by their ids and by whose they are. */
import { fromBase64url, type LogId, logIdOf, type PublicKey, type SpaceId } from '@amp-mesh/protocol'
import { Log } from './log.ts'

export class Logs {
  readonly #space: SpaceId
  readonly #byId = new Map<LogId, Log>()
  /** By key; the index is the epoch. */
  readonly #byAuthor = new Map<PublicKey, Log[]>()

  constructor(space: SpaceId) {
    this.#space = space
  }

  get(id: LogId): Log | undefined {
    return this.#byId.get(id)
  }

  all(): Iterable<Log> {
    return this.#byId.values()
  }

  /** Those of one key. */
  by(pub: PublicKey): Log[] {
    return (this.#byAuthor.get(pub) ?? []).filter(log => log !== undefined) // epochs may be left out
  }

  /** The log of a key and epoch; an empty one, not held yet, where there is none. */
  of(pub: PublicKey, epoch: number): Log {
    return this.#byAuthor.get(pub)?.[epoch] ?? new Log(this.#space, fromBase64url(pub), epoch)
  }

  /** Throws `bad-input` for what is no key. */
  idOf(pub: PublicKey, epoch: number): LogId {
    return this.#byAuthor.get(pub)?.[epoch]?.id ?? logIdOf(this.#space, fromBase64url(pub), epoch)
  }

  hold(log: Log): void {
    this.#byId.set(log.id, log)
    const own = this.#byAuthor.get(log.by) ?? []
    this.#byAuthor.set(log.by, own)
    own[log.epoch] = log
  }
}
