/** Whatever somebody might say in a space, by chance. */
import type { Op, RecordId } from '@amp-mesh/protocol'
import type { SeededRandom } from '../space.ts'

/** `known`: ids of records that the speaker could have seen, the question's first. */
export function randomOp(random: SeededRandom, known: readonly RecordId[]): Op {
  const nobody = 'x'.repeat(32)
  const asked = known[0] ?? nobody
  const target = (random.below(10) === 0 ? undefined : random.pick(known)) ?? nobody
  const agent = random.pick(['a', 'b'])
  switch (random.below(15)) {
    case 0:
    case 1:
    case 2:
      return { k: 'fact', s: `s${random.below(3)}`, p: 'p', o: random.below(4), slot: `slot${random.below(2)}`, agent }
    case 3:
      return { k: 'fact', s: 's', p: 'p', o: random.below(1e6), sup: target, agent }
    case 4:
      return { k: 'retract', of: target }
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
    default:
      return { k: 'refuse', for: asked, why: 'w', agent }
  }
}
