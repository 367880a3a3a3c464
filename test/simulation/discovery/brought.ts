/** What each key brought to an asker, and what the product makes of it. */
import { keysOfRequest, Lookup, type SearchPorts } from '@amp-mesh/discovery'

type Heard = Parameters<Lookup['hear']>[1]

/** Listens to what holders answer. */
export class Brought {
  readonly ports: SearchPorts
  readonly #answers = new Map<string, Heard[]>()

  constructor(ports: SearchPorts) {
    this.ports = {
      ...ports,
      query: async (holder, query, signal) => {
        const given = await ports.query(holder, query, signal)
        const { size, words, cards } = given.answer
        const heard = { size, words, cards: cards.flatMap(card => ports.read(card) ?? []) }
        this.#answers.set(query.key, [...(this.#answers.get(query.key) ?? []), heard])
        return given
      },
    }
  }

  /** What the product would have found, best first, after the first key of the request, the first two … */
  after(text: string, keys: number): string[][] {
    const lookup = new Lookup(text)
    return keysOfRequest(text)
      .slice(0, keys)
      .map(key => {
        for (const heard of this.#answers.get(key) ?? []) lookup.hear(key, heard)
        return agentsOf(lookup)
      })
  }
}

/** Best first. */
export const agentsOf = (lookup: Lookup | undefined): string[] => lookup?.found().map(({ card }) => card.agent) ?? []
