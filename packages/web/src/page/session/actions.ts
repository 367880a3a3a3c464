/** What the views can make happen. */
import type { AskOptions } from '@amp-mesh/peer'
import type { SpaceId } from '@amp-mesh/protocol'
import type { Persona } from '../model/page-state.ts'
import type { Act } from './words.ts'

export interface Actions {
  choose(space: SpaceId | undefined): Promise<void>
  ask(query: string, options: AskOptions): Promise<void>
  cancel(space: SpaceId): Promise<void>
  name(persona: Persona | undefined): Promise<void>
  act(space: SpaceId, act: Act): Promise<void>
  rest(space: SpaceId): Promise<void>
  /** Looks for agents that can do it; without words the last search is put away. */
  search(words: string): Promise<void>
}
