/** What the page remembers of its person between visits: their name as an agent, and the question last open. */
import { PATTERNS, type SpaceId } from '@amp-mesh/protocol'
import type { Persona } from '../model/page-state.ts'

const PERSONA = 'amp-mesh/persona'
const CHOSEN = 'amp-mesh/chosen'

export class Memory {
  readonly #lasting: Storage
  readonly #ofTab: Storage

  constructor(lasting: Storage = localStorage, ofTab: Storage = sessionStorage) {
    this.#lasting = lasting
    this.#ofTab = ofTab
  }

  get persona(): Persona | undefined {
    try {
      const { name, can } = JSON.parse(this.#lasting.getItem(PERSONA) ?? '{}')
      return PATTERNS.agentName.test(name) && typeof can === 'string' ? { name, can } : undefined
    } catch {
      return undefined // somebody else wrote there
    }
  }

  set persona(persona: Persona | undefined) {
    if (persona === undefined) this.#lasting.removeItem(PERSONA)
    else this.#lasting.setItem(PERSONA, JSON.stringify(persona))
  }

  get chosen(): SpaceId | undefined {
    return this.#ofTab.getItem(CHOSEN) ?? undefined
  }

  set chosen(space: SpaceId | undefined) {
    if (space === undefined) this.#ofTab.removeItem(CHOSEN)
    else this.#ofTab.setItem(CHOSEN, space)
  }
}
