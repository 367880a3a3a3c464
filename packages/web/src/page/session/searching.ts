/** One search for agents at a time: what a person looks for, shown as it is found. */
import { type Candidate, prefer, type SearchCost } from '@amp-mesh/discovery'
import type { Peer } from '@amp-mesh/peer'
import { searchView } from '../model/search-view.ts'
import type { Store } from './store.ts'

/** Agents shown. */
const MOST = 10

export class Searching {
  readonly #store: Store
  #current = new AbortController()

  constructor(store: Store) {
    this.#store = store
  }

  /** Ends the search before; without words that is all. Resolves when this one has ended. */
  async search(words: string, peer: Peer): Promise<void> {
    this.#current.abort()
    this.#current = new AbortController()
    const { signal } = this.#current
    if (words === '') return this.#store.tell({ type: 'searched', search: undefined })
    const cost: SearchCost = { lookups: 0, messages: 0, bytes: 0 }
    const start = peer.clock.now()
    const found: Candidate[] = []
    const show = (state: 'looking' | 'done') => {
      if (signal.aborted) return
      const effort = { ...cost, ms: peer.clock.now() - start }
      this.#store.tell({ type: 'searched', search: searchView(words, state, prefer(found), effort) })
    }
    show('looking')
    try {
      for await (const candidate of peer.find(words, { limit: MOST, cost, signal })) {
        found.push(candidate)
        show('looking')
      }
    } finally {
      show('done')
    }
  }
}
