/** A question in the list of questions. */
import { question } from '@amp-mesh/context'
import type { SpaceId } from '@amp-mesh/protocol'
import { legible } from './legible.ts'
import type { SpaceSource } from './space-view.ts'
import { type Stage, stageOf } from './stage.ts'

export interface SpaceSummary {
  readonly id: SpaceId
  readonly query: string
  /** ms since the epoch. */
  readonly askedAt: number
  readonly stage: Stage
  /** mine: asked here; joined: this tab takes part; invited: it may; kept: it is on the peer that serves the page. */
  readonly relation: 'mine' | 'joined' | 'invited' | 'kept'
}

export function summaryOf(
  { id, genesis, records }: SpaceSource,
  now: number,
  relation: SpaceSummary['relation'],
): SpaceSummary {
  const asked = question(records, genesis)
  return {
    id,
    query: legible(asked?.op.query ?? genesis.name, 200),
    askedAt: asked?.time ?? 0,
    stage: stageOf(records, genesis, now),
    relation,
  }
}

/** One entry a question, latest first; what this tab takes part in comes before what others keep of it. */
export function listed(...lists: readonly (readonly SpaceSummary[])[]): SpaceSummary[] {
  const byId = new Map<SpaceId, SpaceSummary>()
  for (const summary of lists.flat()) if (!byId.has(summary.id)) byId.set(summary.id, summary)
  return [...byId.values()].sort((a, b) => b.askedAt - a.askedAt || (a.id < b.id ? -1 : 1))
}
