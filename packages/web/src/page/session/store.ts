/** The page's state and who watches it. */
import type { Cancel } from '@amp-mesh/protocol'
import { EMPTY_PAGE, type PageEvent, type PageState, reduce } from '../model/page-state.ts'

export class Store {
  #state: PageState = EMPTY_PAGE
  readonly #listeners = new Set<(state: PageState) => void>()

  get state(): PageState {
    return this.#state
  }

  tell(event: PageEvent): void {
    this.#state = reduce(this.#state, event)
    for (const listener of this.#listeners) listener(this.#state)
  }

  subscribe(listener: (state: PageState) => void): Cancel {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
