/** Records that contradict each other, whether one of them prevailed, and who is neutral enough to mediate. */
import {
  canonicalText,
  type Genesis,
  type Op,
  type PublicKey,
  type Rec,
  type RecordId,
  sha256,
  toBase64url,
  utf8,
} from '@amp-mesh/protocol'
import { inOrder, type Records } from '../records.ts'
import { referencesOf } from '../references.ts'
import { memoised } from './memo.ts'
import { offerers, type Speaker, speakerId } from './offers.ts'
import { isFallen } from './status.ts'

export interface Conflict {
  /** Id of the `conflict` record, or `slot:<slot>` for facts that share a slot. */
  readonly id: string
  /** The `conflict` record, if somebody wrote one. */
  readonly record?: Rec<'conflict'>
  /** Each side's records say the same thing; the sides exclude each other. */
  readonly sides: readonly (readonly Rec[])[]
  /** Settled: at most one side still stands. */
  readonly state: 'open' | 'settled'
  /** Uninvolved offerers; the first that is there mediates. */
  readonly mediators: readonly Speaker[]
}

/** Declared conflicts first, then contradicting slots in order of slot. */
export const conflicts = memoised((records, genesis): readonly Conflict[] => {
  const declared = records.of('conflict').flatMap(record => {
    const sides = [...new Set(record.op.a)].flatMap(id => records.get(id) ?? []).map(side => [side])
    return sides.length < 2 ? [] : [{ id: record.id, record, sides }]
  })
  return [...declared, ...contradictingSlots(records)].map(conflict => ({
    ...conflict,
    state: conflict.sides.filter(side => stands(records, genesis, side)).length <= 1 ? 'settled' : 'open',
    mediators: mediators(records, conflict.id, conflict.sides.flat()),
  }))
})

/** The slot of a functional predicate: (s, p) has one value within `scope`. */
export const functionalSlot = (s: string, p: string, scope = ''): string =>
  toBase64url(sha256(utf8(`${s}|${p}|${scope}`)))

const stands = (records: Records, genesis: Genesis, side: readonly Rec[]) =>
  side.some(record => !isFallen(records, genesis, record.id))

/** Slots whose facts state different objects. An author's replaced versions of a fact contradict nobody. */
function contradictingSlots(records: Records): { id: string; sides: Rec[][] }[] {
  const stating = records
    .arrived('fact', 0)
    .filter(({ id, op }) => op.slot !== undefined && records.standing(id) !== 'superseded')
  return [...Map.groupBy(stating, ({ op }) => op.slot ?? '')]
    .filter(([, facts]) => facts.length > 1)
    .map(([slot, facts]) => ({ slot, sides: Map.groupBy(facts.sort(inOrder), ({ op }) => objectOf(op)) }))
    .filter(({ sides }) => sides.size > 1)
    .sort((a, b) => (a.slot < b.slot ? -1 : 1))
    .map(({ slot, sides }) => ({ id: `slot:${slot}`, sides: [...sides.values()] }))
}

const objectOf = ({ o }: Op<'fact'>): string => canonicalText(o)

/** Offerers who neither wrote, judged nor are cited by any side, in an order nobody can choose. */
function mediators(records: Records, conflict: string, sides: readonly Rec[]): Speaker[] {
  const involved = new Set<PublicKey>(sides.flatMap(record => involvedIn(records, record.id)))
  return offerers(records)
    .filter(offerer => !involved.has(offerer.author))
    .map(offerer => ({ offerer, rank: toBase64url(sha256(utf8(conflict), utf8(speakerId(offerer)))) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ offerer }) => offerer)
}

function involvedIn(records: Records, id: RecordId): PublicKey[] {
  const record = records.get(id)
  if (record === undefined) return []
  const judges = records.referencing(id).filter(each => each.op.k === 'verify' && each.op.of === id)
  const cited = referencesOf(record.op).flatMap(each => records.get(each) ?? [])
  return [record, ...judges, ...cited].map(each => each.by)
}
