/** Contradictions: who points them out, who mediates, and what a mediator says. Any uninvolved agent will do. */
import { type Conflict, dutyOrder, offerers, type Records, type Speaker, speakerKey, wordsOf } from '@amp-mesh/context'
import { type Op, type Rec, type RecordId, SPACE_LIMITS, type Verdict } from '@amp-mesh/protocol'
import { type Agenda, at, type Declared, joined, nothing, type Scene } from './agenda.ts'
import { cut } from './wording.ts'

/** The next on duty waits this long for each one before it, ms. */
export const MEDIATE_STEP_MS = 500
/** Mediators that are waited for, at most. */
const MEDIATORS = 4

/**
 * Contradictions are pointed out and mediated also when verifiers decide them alone: people want to read what stands.
 * `left`: facts that a mediator looks at first, so that it is on no side when it does.
 */
export function conflictDuties(scene: Scene, conflicts: readonly Conflict[]): Agenda & { left: ReadonlySet<RecordId> } {
  const standing = conflicts.filter(conflict => liveSides(scene.records, conflict).length > 1)
  const declared = standing.filter(isDeclared)
  const agendas = standing.map(conflict =>
    isDeclared(conflict) ? mediating(scene, conflict) : pointingOut(scene, conflict, declared),
  )
  const awaited = standing.map(conflict => ({ conflict, until: awaitedUntil(scene, conflict, declared) }))
  const open = awaited.filter(({ until }) => scene.age < until)
  return {
    ...joined([...agendas, { duties: [], later: open.map(({ until }) => until) }]),
    left: new Set(open.flatMap(({ conflict }) => conflict.sides.flat().map(({ id }) => id))),
  }
}

/** The first record of each side that its author did not take back. */
export const liveSides = (records: Records, { sides }: Conflict): Rec[] =>
  sides.flatMap(side => side.find(({ id }) => records.isLive(id)) ?? [])

const isDeclared = (conflict: Conflict): conflict is Declared => conflict.record !== undefined

/** Names a contradiction with as many sides as it has now: a further side is pointed out again. */
export const sidesOf = ({ id, sides }: Conflict): string => `${id} ${sides.length}`

/** Facts that share a slot and differ: the first live offerer in the contradiction's duty order says so. */
function pointingOut(scene: Scene, conflict: Conflict, declared: readonly Declared[]): Agenda {
  if (scene.done.has(sidesOf(conflict)) || declarationOf(conflict, declared) !== undefined) return nothing
  const live = new Set(offerers(scene.records).map(({ author }) => author))
  for (const key of scene.suspected.keys()) live.delete(key)
  const place = dutyOrder(conflict.id, live).indexOf(scene.self)
  if (place < 0) return nothing
  return at(scene.since(conflict.id) + place * MEDIATE_STEP_MS, scene.age, { do: 'point out', conflict })
}

/** The declared conflict that names every side of a slot's. */
const declarationOf = ({ sides }: Conflict, declared: readonly Declared[]): Declared | undefined =>
  declared.find(({ record }) => sides.every(side => side.some(({ id }) => record.op.a.includes(id))))

function mediating(scene: Scene, conflict: Declared): Agenda {
  if (isMediated(scene, conflict)) return nothing
  const live = candidates(scene, conflict)
  const place = live.findIndex(({ author }) => author === scene.self)
  const agent = live[place]?.agent
  if (agent === undefined) return nothing
  const started = scene.since(conflict.id)
  const look = { do: 'mediate', conflict, agent, last: false } as const
  if (!scene.done.has(conflict.id)) return at(started + place * MEDIATE_STEP_MS, scene.age, look)
  if (place > 0 || scene.done.has(`${conflict.id} last`)) return nothing
  return at(started + live.length * MEDIATE_STEP_MS, scene.age, { ...look, last: true })
}

/** Who may mediate, in order: the uninvolved, then those who judged a side but wrote none. */
function candidates({ records, suspected }: Scene, { sides, mediators }: Conflict): Speaker[] {
  const authors = new Set(sides.flat().map(({ by }) => by))
  const uninvolved = new Set(mediators.map(speakerKey))
  const judges = offerers(records).filter(each => !authors.has(each.author) && !uninvolved.has(speakerKey(each)))
  return [...mediators, ...judges].filter(({ author }) => !suspected.has(author)).slice(0, MEDIATORS)
}

/** Somebody who is on no side built on the conflict. */
function isMediated({ records }: Scene, { record, sides }: Declared): boolean {
  const authors = new Set(sides.flat().map(({ by }) => by))
  return records
    .referencing(record.id)
    .some(({ by, op }) => op.k === 'build_on' && op.parent === record.id && !authors.has(by))
}

/** The age at which all mediators had their chance; 0 when there is none to wait for. */
function awaitedUntil(scene: Scene, conflict: Conflict, declared: readonly Declared[]): number {
  const named = isDeclared(conflict) ? conflict : declarationOf(conflict, declared)
  if (named !== undefined && isMediated(scene, named)) return 0
  const chances = candidates(scene, conflict).length
  return chances === 0 ? 0 : scene.since(conflict.id) + (chances + 1) * MEDIATE_STEP_MS
}

/** What a mediator found about one record of a side. */
export interface Finding {
  record: Rec
  verdict: Verdict | undefined
}

/** The mediator's `build_on`; undefined when it found nothing and others may still look. */
export function mediation(conflict: Declared, findings: readonly Finding[], last: boolean): Op<'build_on'> | undefined {
  const judged = findings.filter(({ verdict }) => verdict !== undefined && verdict.v !== 0)
  if (judged.length === 0 && !last) return undefined
  const standing = findings.filter(({ verdict }) => verdict?.v !== -1)
  const outcome =
    judged.length === 0
      ? 'This stays disputed: nobody here could derive either side again.'
      : standing.length === 1 && standing[0] !== undefined
        ? `What stands: ${quoted(standing[0].record)}.`
        : 'This stays disputed: checking did not leave exactly one side standing.'
  const looked = judged.map(({ record, verdict }) => {
    const why = verdict?.why === undefined ? '' : ` (${cut(verdict.why, 300)})`
    return `${quoted(record)} ${verdict?.v === 1 ? 'holds' : 'does not hold'}${why}.`
  })
  return {
    k: 'build_on',
    parent: conflict.record.id,
    content: cut([...looked, outcome].join(' '), SPACE_LIMITS.string),
    references: findings.map(({ record }) => record.id).slice(0, SPACE_LIMITS.array),
  }
}

const quoted = (record: Rec): string => `"${cut(wordsOf(record.op), 300)}"`
