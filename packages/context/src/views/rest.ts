/** "I have nothing to add", as others understand it: a settle on everything said so far. */
import type { Genesis, Op } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { conclusion } from './conclusion.ts'
import { settleHeads, unsettled } from './convergence.ts'
import { type Speaker, speakerKey } from './offers.ts'
import { question } from './question.ts'

/** The settle an agent owes; undefined when it did not offer, has settled already, or the question has its answer. */
export function restingOp(records: Records, genesis: Genesis, { author, agent }: Speaker): Op<'settle'> | undefined {
  if (question(records, genesis) === undefined || conclusion(records, genesis).synthesis !== undefined) return undefined
  const owes = unsettled(records, new Set()).some(each => speakerKey(each) === speakerKey({ author, agent }))
  return owes ? { k: 'settle', heads: settleHeads(records), agent } : undefined
}
