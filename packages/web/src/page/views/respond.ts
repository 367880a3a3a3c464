/** What the person needs to respond to something that was said. */
import type { SpaceId } from '@amp-mesh/protocol'
import type { Persona } from '../model/page-state.ts'
import type { Actions } from '../session/actions.ts'

export interface Respond {
  space: SpaceId
  persona: Persona | undefined
  actions: Actions
  canWrite: boolean
}
