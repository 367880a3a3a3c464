/** Who checks which fact when: as many at once as can decide it, the others only if that did not. */
import { dutyOrder, offerers, type Records, status, verifiersOf } from '@amp-mesh/context'
import type { Genesis, PublicKey, Rec } from '@amp-mesh/protocol'
import { type Agenda, at, joined, nothing, type Scene } from './agenda.ts'

/** A verifier further down the order waits this long for each one before it, ms, while the fact stays undecided. */
export const VERIFY_STEP_MS = 250

/** `left`: ids of facts that are left alone for now, because a mediator looks at them first. */
export function verifyDuties(scene: Scene, left: ReadonlySet<string>): Agenda {
  const { age, self, genesis, records, seats, done } = scene
  const verifiers = [...verifiersOf(genesis)]
  if (!verifiers.includes(self) || !seats.some(({ verifies, stage }) => verifies && stage !== 'parked')) return nothing
  const agendas = records
    .of('fact')
    .filter(fact => fact.by !== self && !done.has(fact.id) && !left.has(fact.id))
    .filter(fact => isUndecided(records, genesis, fact))
    .filter(fact => ownVerdict(scene, fact) === undefined)
    .map(fact => at(dueAt(scene, fact, verifiers), age, { do: 'verify', fact }))
  return joined(agendas)
}

/** What this peer said about the record at last, if anything. */
export const ownVerdict = (
  { self, records }: Pick<Scene, 'self' | 'records'>,
  { id }: Rec,
): Rec<'verify'> | undefined => records.of('verify').findLast(({ by, op }) => by === self && op.of === id)

/** Neither quorum stands yet. */
export const isUndecided = (records: Records, genesis: Genesis, { id }: Rec): boolean =>
  ['proposed', 'contested'].includes(status(records, genesis, id))

/** The first f+1 look at once. Whoever offered goes before those who only listen: it has agents that know something. */
function dueAt(scene: Scene, fact: Rec, verifiers: readonly PublicKey[]): number {
  const able = new Set(offerers(scene.records).map(({ author }) => author))
  const live = dutyOrder(
    fact.id,
    verifiers.filter(key => key !== fact.by && !scene.suspected.has(key)),
  )
  const order = [...live.filter(key => able.has(key)), ...live.filter(key => !able.has(key))]
  const atOnce = Math.floor((verifiers.length - 1) / 3) + 1
  const place = Math.max(0, order.indexOf(scene.self))
  return scene.since(fact.id) + Math.max(0, place - atOnce + 1) * VERIFY_STEP_MS
}
