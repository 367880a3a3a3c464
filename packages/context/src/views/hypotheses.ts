/** What somebody supposes, and whether the verifiers think so too. */

import { type Judged, judged } from './judged.ts'
import { memoised } from './memo.ts'

export type HypothesisView = Judged<'hyp'>

/** Live suppositions, earliest first. */
export const hypotheses = memoised((records, genesis): readonly HypothesisView[] => judged(records, genesis, 'hyp'))
