/** What this peer owes the commons about one question: a pure function of both spaces, so that it can be repeated. */
import {
  agrees,
  canVouch,
  conclusion,
  type Evidence,
  needs,
  question,
  type Records,
  solutionOf,
  solutionsFrom,
  unsettled,
  verifiersOf,
} from '@amp-mesh/context'
import {
  COMMONS_LIMITS,
  type Genesis,
  type Op,
  type PublicKey,
  problemKey,
  questionKey,
  type Rec,
} from '@amp-mesh/protocol'

export interface CommonsScene {
  readonly commons: { readonly records: Records; readonly genesis: Genesis }
  readonly space: Evidence
  readonly self: PublicKey
  /** Members of the space that don't answer: nobody waits for them. */
  readonly suspected: ReadonlySet<PublicKey>
  /** ms since the epoch. */
  readonly now: number
}

/** Offerers have this long to settle on a synthesis before it is published without their word, ms: as the asker has. */
const ASSENT_MS = 2_000

export interface CommonsDuties {
  /** To be written now. Once it is, the same scene owes nothing. */
  readonly ops: Op[]
  /** A synthesis of our own waits for the others' assent: look again. */
  readonly ripensLater: boolean
}

export function commonsDuties(scene: CommonsScene): CommonsDuties {
  const { ops, ripensLater } = solutionDuties(scene)
  return { ops: [...ops, ...verdictDuties(scene), ...gapDuties(scene)], ripensLater }
}

/** Whoever wrote the valid synthesis publishes it, and takes it back when it does not stand any more. */
function solutionDuties(scene: CommonsScene): CommonsDuties {
  const { commons, space, self } = scene
  const own = solutionsFrom(commons.records, space.id).filter(({ by }) => by === self)
  const fallen = own.filter(record => !agrees(record, space)).map(({ id }): Op => ({ k: 'retract', of: id }))
  const { synthesis } = conclusion(space.records, space.genesis)
  const solution = synthesis?.by === self ? solutionOf(space) : undefined
  if (synthesis === undefined || solution === undefined || own.length > fallen.length)
    return { ops: fallen, ripensLater: false }
  const ripe = isRipe(scene, synthesis)
  return { ops: ripe ? [...fallen, solution] : fallen, ripensLater: !ripe }
}

/** Another synthesis may win until everybody who offered has settled on this one. */
function isRipe({ space, suspected, now }: CommonsScene, { log, seq, time }: Rec): boolean {
  return unsettled(space.records, suspected, [[log, seq]]).length === 0 || now - time >= ASSENT_MS
}

/** A verifier of the mesh that was there says whether what others published is what came out. */
function verdictDuties({ commons, space, self }: CommonsScene): Op[] {
  if (!verifiersOf(commons.genesis).has(self)) return []
  return solutionsFrom(commons.records, space.id)
    .filter(({ by }) => by !== self)
    .flatMap((record): Op[] => {
      const said = commons.records.of('verify').findLast(({ op, by }) => op.of === record.id && by === self)?.op.v
      const now = verdictOn(record, space, self)
      if (now === (said ?? 0)) return []
      return [{ k: 'verify', of: record.id, v: now, ...(now === -1 && { why: 'not what came out there' }) }]
    })
}

function verdictOn(record: Rec<'solved'>, space: Evidence, self: PublicKey): 1 | -1 | 0 {
  if (conclusion(space.records, space.genesis).synthesis === undefined) return 0
  if (!agrees(record, space)) return -1
  return canVouch(self, space) ? 1 : 0
}

/**
 * What nobody could answer is told by who asked; the needs a conclusion leaves open, by who wrote it. Not those about
 * something whose state nobody knows.
 */
function gapDuties({ commons, space, self }: CommonsScene): Op<'gap'>[] {
  const asked = question(space.records, space.genesis)
  const q = asked && questionKey(asked.op)
  if (asked === undefined || q === undefined || !space.genesis.open) return []
  const { synthesis } = conclusion(space.records, space.genesis)
  const nobody = asked.by === self && space.records.of('gap').some(({ op, by }) => by === self && op.q === q)
  const unanswered: Op<'gap'>[] = nobody && synthesis === undefined ? [{ k: 'gap', q, text: asked.op.query }] : []
  const open = synthesis?.by !== self ? [] : needs(space.records, space.genesis).filter(({ state }) => state === 'open')
  const unmet = open.slice(0, COMMONS_LIMITS.gapsPerQuestion).map(
    ({ record }): Op<'gap'> => ({
      k: 'gap',
      q: problemKey(record.op.content, asked.op.about),
      text: record.op.content,
    }),
  )
  const known = new Set([...commons.records.of('gap')].filter(({ by }) => by === self).map(({ op }) => op.q))
  return [...unanswered, ...unmet].filter(gap => !known.has(gap.q))
}
