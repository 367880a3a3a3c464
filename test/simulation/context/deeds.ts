/** Whatever somebody might say in a space, by chance. */
import type { Op, Rec, RecordId } from '@amp-mesh/protocol'
import type { SeededRandom } from '../space.ts'

/** `known`: ids of records that the speaker could have seen, the question's first; `own`: those it said itself. */
export function randomOp(random: SeededRandom, known: readonly RecordId[], own: readonly RecordId[]): Op {
  const nobody = 'x'.repeat(32)
  const asked = known[0] ?? nobody
  const target = (random.below(10) === 0 ? undefined : random.pick(known)) ?? nobody
  const mine = random.pick(own) ?? nobody
  const agent = random.pick(['a', 'b'])
  switch (random.below(22)) {
    case 0:
    case 1:
    case 2:
      return { k: 'fact', s: `s${random.below(3)}`, p: 'p', o: random.below(4), slot: `slot${random.below(2)}`, agent }
    case 3:
      return { k: 'fact', s: 's', p: 'p', o: random.below(1e6), sup: mine, agent }
    case 4:
      return { k: 'retract', of: mine }
    case 5:
    case 6:
      return { k: 'verify', of: target, v: random.pick([1, 1, -1, 0] as const), agent }
    case 7:
      return { k: 'capability_match', for: asked, confidence: random.below(5) / 4, offer: 'o', agent }
    case 8:
      return { k: 'proposal', for: asked, content: 'c', references: [target], agent }
    case 9:
      return { k: 'build_on', parent: target, content: 'c', agent }
    case 10:
      return { k: 'need', content: 'n', parent: target, agent }
    case 11:
      return { k: 'conflict', a: [target, random.pick(known) ?? nobody], agent }
    case 12:
      return { k: 'synthesis', for: asked, content: 's', claims: [{ text: 't', references: [target] }], agent }
    case 13:
      return { k: 'reg', name: `r${random.below(2)}`, v: random.below(9) }
    case 14:
      return { k: 'refuse', for: asked, why: 'w', agent }
    case 15:
      return { k: 'count', name: `c${random.below(2)}`, p: random.below(9), n: random.below(9) }
    case 16:
      return { k: 'thread', title: 't', about: [target], agent }
    case 17:
      return { k: 'msg', in: target, text: 'm', agent }
    case 18:
      return { k: 'assign', key: `k${random.below(3)}`, to: `amp://somebody/${agent}` }
    case 19:
      return { k: 'hyp', text: 'h', about: [target], agent }
    default:
      return { k: 'retract', of: mine, erase: true }
  }
}

/**
 * Those of somebody's own records that it may take back here: not what replaced something. That comes back with those
 * who have it still, and not with those who began behind it: THREATS.md says so.
 */
export const revocable = (own: readonly Rec[]): RecordId[] =>
  own
    .filter(({ op }) => !('sup' in op) && !['broadcast', 'reg', 'count', 'verify', 'retract'].includes(op.k))
    .map(({ id }) => id)

/** So much of what is replaced at once that a checkpoint is due. */
export const chatter = (random: SeededRandom): Op[] =>
  Array.from({ length: 14 }, () => ({ k: 'reg', name: `r${random.below(2)}`, v: 'x'.repeat(300 + random.below(99)) }))

/** The quota of these spaces, bytes: a checkpoint is due at a quarter of it. */
export const QUOTA = 20_000
