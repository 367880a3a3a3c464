/** Where a question stands, in one word. */
import { cancelled, conclusion, offers, question, type Records } from '@amp-mesh/context'
import type { Genesis, Kind } from '@amp-mesh/protocol'

/**
 * asking: no offer yet; offers; working; and the ways to end. `fallen`: what the conclusion rests on was refuted since;
 * `over`: the budget is spent, nothing was concluded.
 */
export type Stage =
  | 'asking'
  | 'offers'
  | 'working'
  | 'concluded'
  | 'partial'
  | 'fallen'
  | 'unanswered'
  | 'cancelled'
  | 'over'

/** After the budget agents need this long at most to write what they have, ms. */
const GRACE_MS = 5_000
const WORK: readonly Kind[] = ['proposal', 'fact', 'build_on', 'concern', 'need', 'task', 'hyp']

/** Nothing more will come by itself. */
export const isEnded = (stage: Stage): boolean => !['asking', 'offers', 'working'].includes(stage)

/** `now`: ms since the epoch. */
export function stageOf(records: Records, genesis: Genesis, now: number): Stage {
  if (cancelled(records, genesis) !== undefined) return 'cancelled'
  const { synthesis, invalid } = conclusion(records, genesis)
  if (synthesis !== undefined) return synthesis.op.partial === true ? 'partial' : 'concluded'
  const entitled = new Set([genesis.founder, ...offers(records).map(({ by }) => by)])
  if (invalid.some(({ by }) => entitled.has(by))) return 'fallen'
  if (records.of('gap').some(({ by }) => by === genesis.founder)) return 'unanswered'
  if (now > (question(records, genesis)?.time ?? 0) + genesis.budget.ms + GRACE_MS) return 'over'
  if (WORK.some(kind => records.of(kind).length > 0)) return 'working'
  return offers(records).length > 0 ? 'offers' : 'asking'
}
