/** Whom to prefer among those that fit: experience, load, distance and cost change the order meaning made. Pure. */
import type { AgentCard } from '@amp-mesh/protocol'
import type { Candidate } from './candidate.ts'

/** What makes a preference: `fit` in 0..1, and a factor for each of the others, 1 where nothing is known. */
export interface PreferenceParts {
  readonly fit: number
  readonly reputation: number
  readonly load: number
  readonly latency: number
  readonly cost: number
}

export interface Preferred<C extends Candidate = Candidate> {
  readonly candidate: C
  /** The product of the parts. Its order means something, its size does not. */
  readonly preference: number
  readonly parts: PreferenceParts
}

/**
 * By how much each part can lift or lower a candidate, as a share. Experience says most, whether somebody has time for
 * us next; how far and how dear it is decides between equals. All together move a candidate by a factor of at most
 * 1.51 up and 0.49 down: one that fits {@link MOST_MOVED} times as well is never passed over.
 */
export const PREFERENCE_WEIGHTS = { reputation: 0.25, load: 0.2, latency: 0.1, cost: 0.1 } as const

/** The most that all parts beside the fit can make of a difference: `(1 + w) / (1 - w)` each, of load `1 / (1 - w)`. */
export const MOST_MOVED = 3.2

/** A round trip that counts neither for nor against, ms: two of them are the rest an offer window leaves for travel. */
const USUAL_RTT_MS = 200

/** The candidates in order of preference; equals by fit, then by id. Costs are compared with those of the others. */
export function prefer<C extends Candidate>(candidates: readonly C[]): Preferred<C>[] {
  const usual = usualCost(candidates.map(({ card }) => card))
  return candidates
    .map(candidate => {
      const parts = partsOf(candidate, usual)
      const preference = parts.fit * parts.reputation * parts.load * parts.latency * parts.cost
      return { candidate, preference, parts }
    })
    .sort(
      (a, b) =>
        b.preference - a.preference || b.parts.fit - a.parts.fit || (a.candidate.agent < b.candidate.agent ? -1 : 1),
    )
}

function partsOf(candidate: Candidate, usual: Cost): PreferenceParts {
  const { score, card, acquaintance = {} } = candidate
  const { reputation, rttMs } = acquaintance
  return {
    fit: score,
    reputation: factor(PREFERENCE_WEIGHTS.reputation, reputation),
    load: factor(PREFERENCE_WEIGHTS.load, card.state === 'busy' ? 0 : undefined),
    latency: factor(PREFERENCE_WEIGHTS.latency, rttMs === undefined ? undefined : cheapness(rttMs, USUAL_RTT_MS)),
    cost: factor(PREFERENCE_WEIGHTS.cost, costGoodness(card.cost, usual)),
  }
}

/** `1 - weight` for the worst (0), `1 + weight` for the best (1), 1 for the usual (.5) and the unknown. */
const factor = (weight: number, goodness = 0.5): number => 1 + weight * (2 * Math.min(1, Math.max(0, goodness)) - 1)

/** 1 for nothing, .5 for the usual, towards 0 the more it is. */
const cheapness = (value: number, usual: number): number => (value <= 0 ? 1 : usual / (usual + value))

type Cost = NonNullable<AgentCard['cost']>
const MEASURES = ['ms', 'tokens', 'cost'] as const

/** The median of what cards state, by measure: how dear a thing is only others can say. */
function usualCost(cards: readonly AgentCard[]): Cost {
  const medians = MEASURES.map(measure => {
    const stated = cards.flatMap(({ cost }) => cost?.[measure] ?? []).sort((a, b) => a - b)
    return [measure, stated[Math.floor(stated.length / 2)]] as const
  })
  return Object.fromEntries(medians.filter(([, median]) => median !== undefined))
}

/** Mean over the measures a card states; undefined when it states none. */
function costGoodness(cost: Cost | undefined, usual: Cost): number | undefined {
  const stated = MEASURES.flatMap(measure => {
    const [own, others] = [cost?.[measure], usual[measure]]
    return own === undefined || others === undefined ? [] : cheapness(own, others)
  })
  return stated.length === 0 ? undefined : stated.reduce((sum, each) => sum + each, 0) / stated.length
}
