/** In which slots a record stands for election, and whether one of them went to another. */
import { canonicalText, type Genesis, isKind, PATTERNS, type Rec } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { type Decision, elections } from './elections.ts'
import { QUORUM, registerSlot } from './register.ts'

export interface Outcomes {
  readonly won: boolean
  readonly lost: boolean
}

const undecided: Outcomes = { won: false, lost: false }

export interface Candidacy {
  readonly slot: string
  /** The only version it may be voted for in; undefined: whichever is open. */
  readonly ver?: number
  /** A decision may be followed by another: a register is set again and again. */
  readonly repeats?: true
}

/**
 * Its own slot first, then that of each conflict that names it (the conflict's id): also of one that was taken back,
 * for what was decided stays so.
 */
export function candidacies(records: Records, record: Rec): Candidacy[] {
  const conflicts = records.everReferencing(record.id).filter(each => isKind(each, 'conflict'))
  return [ownSlot(record), ...conflicts.map(({ id }) => ({ slot: id }))]
}

/**
 * Facts that say so share a slot, words for a `q/…` register too, and syntheses that of their question. Any other
 * record has one of its own. A fact can't claim a slot that has the form of a record id: those belong to records.
 */
export function ownSlot({ id, op }: Rec): Candidacy {
  if (op.k === 'synthesis') return { slot: op.for }
  if (op.k === 'fact' && op.slot !== undefined && !PATTERNS.recordId.test(op.slot))
    return { slot: op.slot, ver: op.ver ?? 0 }
  if (op.k === 'reg' && op.name.startsWith(QUORUM)) return { slot: registerSlot(op.name), repeats: true }
  return { slot: id }
}

/**
 * `won`: a certificate gave the record one of its slots. `lost`: one of them went to a record that says otherwise; a
 * fact with the same object as the winner says the same and does not lose.
 */
export function outcomes(records: Records, genesis: Genesis, record: Rec): Outcomes {
  const all = elections(records, genesis)
  if (!all.hasDecided) return undecided
  const winners = candidacies(records, record).flatMap(({ slot }) => all.winner(slot) ?? [])
  const sound = winners.filter(winner => stoodIn(records, winner))
  return {
    won: sound.some(({ of }) => of === record.id),
    lost: sound.some(({ of }) => of !== record.id && !saysTheSame(record, records.get(of))),
  }
}

/** The winner is a candidate of the slot it won. */
function stoodIn(records: Records, { slot, of }: Decision): boolean {
  const record = records.get(of)
  return record !== undefined && candidacies(records, record).some(each => each.slot === slot)
}

const saysTheSame = (a: Rec, b: Rec | undefined): boolean =>
  b !== undefined && isKind(a, 'fact') && isKind(b, 'fact') && canonicalText(a.op.o) === canonicalText(b.op.o)
