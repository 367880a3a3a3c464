/** The facts of a space, each with where the verifiers' opinion of it stands. */

import { type Judged, judged } from './judged.ts'
import { memoised } from './memo.ts'

export type FactView = Judged<'fact'>

/** Live facts, earliest first. */
export const facts = memoised((records, genesis): readonly FactView[] => judged(records, genesis, 'fact'))
