/** What the commons know of a question already, and whether that can be trusted. */
import { agrees, backers, type Evidence, gaps, type Records } from '@amp-mesh/context'
import {
  COMMONS_LIMITS,
  type Genesis,
  type PublicKey,
  type Rec,
  readSolution,
  type Solution,
  type SpaceId,
} from '@amp-mesh/protocol'

export interface Memory {
  readonly records: Records
  readonly genesis: Genesis
  readonly self: PublicKey
  /** ms since the epoch. */
  readonly now: number
  /** The spaces this peer carries. */
  space(id: SpaceId): Evidence | undefined
}

export interface Remembered {
  readonly solved: Rec<'solved'>
  readonly solution: Solution
  /** The mesh's verifiers that stand behind it. */
  readonly vouchedBy: readonly PublicKey[]
  /** This peer asked the question itself, and found the same answer in its space again. */
  readonly own: boolean
}

/**
 * The latest answer that may be trusted and is not too old. What this peer asked itself it can check; for the rest it
 * takes the word of the mesh's verifiers, unless what it carries of that space says otherwise.
 */
export function remembered(q: string, memory: Memory): Remembered | undefined {
  const { records, genesis, self, now } = memory
  const known = records.of('solved').filter(({ op, time }) => op.q === q && now - time <= COMMONS_LIMITS.answerMs)
  for (const solved of known.toReversed()) {
    const solution = readSolution(solved.op.result)
    if (solution === undefined) continue
    const { keys, trusted } = backers(records, genesis, solved)
    const space = memory.space(solution.space)
    const own = space?.genesis.founder === self && agrees(solved, space)
    if (own || (trusted && (space === undefined || agrees(solved, space))))
      return { solved, solution, vouchedBy: keys, own }
  }
  return undefined
}

/** A gap of this key that nobody has closed: somebody asked the same in vain. */
export function knownGap(q: string, { records, genesis }: Memory): Rec<'gap'> | undefined {
  const answered = records.of('solved').some(each => each.op.q === q && backers(records, genesis, each).trusted)
  const open = gaps(records, genesis).find(({ record, state }) => record.op.q === q && state === 'open')
  return answered ? undefined : open?.record
}
