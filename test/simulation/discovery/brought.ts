/** What each key brought to an asker. */
import type { SearchPorts } from '@amp-mesh/discovery'

/** Listens to what holders answer. */
export class Brought {
  readonly ports: SearchPorts
  readonly #keys = new Map<string, Set<string>>()

  constructor(ports: SearchPorts) {
    this.ports = {
      ...ports,
      query: async (holder, query, signal) => {
        const brought = this.#keys.get(query.key) ?? new Set()
        this.#keys.set(query.key, brought)
        const given = await ports.query(holder, query, signal)
        for (const signed of given.answer.cards) {
          const card = ports.read(signed)
          if (card !== undefined) brought.add(card.agent)
        }
        return given
      },
    }
  }

  /** All that was brought by the first of these keys, the first two … */
  after(keys: readonly string[]): Set<string>[] {
    const seen = new Set<string>()
    return keys.map(key => {
      for (const agent of this.#keys.get(key) ?? []) seen.add(agent)
      return new Set(seen)
    })
  }
}
