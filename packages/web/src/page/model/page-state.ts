/** All the page shows, and how it changes: one state, one reducer. */
import type { PeerId, SpaceId } from '@amp-mesh/protocol'
import type { Person } from './person.ts'
import type { SearchView } from './search-view.ts'
import type { SpaceSummary } from './space-summary.ts'
import type { SpaceView } from './space-view.ts'

/** starting: no connection yet; up: somebody answers; lost: nobody does any more; failed: the peer could not start. */
export type Link = 'starting' | 'up' | 'lost' | 'failed'

/** The agent a person is in this mesh. */
export interface Persona {
  readonly name: string
  /** What they can help with, in their words. */
  readonly can: string
}

export interface PageState {
  readonly link: Link
  /** Why the peer could not start. */
  readonly failure: string
  readonly self: { readonly peer: PeerId; readonly mesh: string } | undefined
  readonly persona: Persona | undefined
  readonly people: readonly Person[]
  readonly spaces: readonly SpaceSummary[]
  /** The question shown; undefined: the page to ask. */
  readonly chosen: SpaceId | undefined
  readonly open: SpaceView | undefined
  /** What the person can do in the open question. */
  readonly access: 'write' | 'read'
  /** The person said they have nothing to add to the open question. */
  readonly resting: boolean
  /** What went wrong last, for people. */
  readonly problem: string
  /** The question being asked, before its space is there. */
  readonly asking: string | undefined
  /** The agents looked for last. */
  readonly search: SearchView | undefined
}

/** What the peer looks like now. */
export type Look = Pick<PageState, 'people' | 'spaces' | 'open' | 'access' | 'resting'>

export type PageEvent =
  | ({ type: 'looked' } & Look)
  | { type: 'started'; peer: PeerId; mesh: string }
  | { type: 'failed'; why: string }
  | { type: 'named'; persona: Persona | undefined }
  | { type: 'chosen'; space: SpaceId | undefined }
  | { type: 'asking'; query: string }
  | { type: 'searched'; search: SearchView | undefined }
  | { type: 'problem'; what: string }

export const EMPTY_PAGE: PageState = {
  link: 'starting',
  failure: '',
  self: undefined,
  persona: undefined,
  people: [],
  spaces: [],
  chosen: undefined,
  open: undefined,
  access: 'read',
  resting: false,
  problem: '',
  asking: undefined,
  search: undefined,
}

export function reduce(state: PageState, event: PageEvent): PageState {
  switch (event.type) {
    case 'looked': {
      const { type: _, open, ...look } = event
      const current = open !== undefined && open.id === state.chosen ? open : undefined
      const kept = state.open?.id === state.chosen ? state.open : undefined
      return { ...state, ...look, link: linkAfter(state.link, look.people), open: current ?? kept }
    }
    case 'started':
      return { ...state, self: { peer: event.peer, mesh: event.mesh }, link: 'starting', failure: '' }
    case 'failed':
      return { ...state, link: 'failed', failure: event.why }
    case 'named':
      return { ...state, persona: event.persona, problem: '' }
    case 'chosen':
      return {
        ...state,
        chosen: event.space,
        open: state.open?.id === event.space ? state.open : undefined,
        asking: undefined,
        resting: false,
        problem: '',
      }
    case 'asking':
      return { ...state, asking: event.query, chosen: undefined, open: undefined, problem: '' }
    case 'searched':
      return { ...state, search: event.search }
    case 'problem':
      return { ...state, problem: event.what, asking: undefined }
  }
}

/** Nobody answering is a loss only once somebody has. */
function linkAfter(link: Link, people: readonly Person[]): Link {
  if (people.some(({ state }) => state === 'reachable')) return 'up'
  return link === 'up' ? 'lost' : link
}
