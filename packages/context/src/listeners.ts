/** Who wants to hear of new records of a space. */
import type { Cancel, Logger, Rec, SpaceId } from '@amp-mesh/protocol'

export type Listener = (news: readonly Rec[]) => void

export class Listeners {
  readonly #listeners = new Set<Listener>()
  readonly #space: SpaceId
  readonly #logger: Logger

  constructor(space: SpaceId, logger: Logger) {
    this.#space = space
    this.#logger = logger
  }

  add(listener: Listener): Cancel {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells all, also when one of them throws. */
  tell(news: readonly Rec[]): void {
    for (const listener of this.#listeners)
      try {
        listener(news)
      } catch (error) {
        this.#logger.error('a listener of a space failed', { space: this.#space, error: String(error) })
      }
  }

  clear(): void {
    this.#listeners.clear()
  }
}
