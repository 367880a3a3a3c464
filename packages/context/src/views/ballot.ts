/** Which votes an honest verifier may still cast: one in a version of a slot, for ever, and for what it supports. */
import { type Genesis, isKind, type PublicKey, type Rec, type RecordId, type Vote } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { type Candidacy, candidacies } from './candidacies.ts'
import { type Elections, elections } from './elections.ts'

/** Votes that a verifier cast, also those whose records are gone or not written yet. */
export class CastVotes {
  readonly #slots = new Set<string>()
  readonly #candidates = new Set<RecordId>()

  add({ slot, ver, of }: Vote): void {
    this.#slots.add(JSON.stringify([slot, ver]))
    this.#candidates.add(of)
  }

  isCastIn(slot: string, ver: number): boolean {
    return this.#slots.has(JSON.stringify([slot, ver]))
  }

  isCastFor(of: RecordId): boolean {
    return this.#candidates.has(of)
  }
}

/** The votes that `self`, who supports the record, may cast for it now. */
export function freeVotes(
  records: Records,
  genesis: Genesis,
  self: PublicKey,
  cast: CastVotes,
  record: Rec,
): readonly Vote[] {
  const all = elections(records, genesis)
  const opposed = rivals(records, record)
  if (opposed.some(({ rival }) => cast.isCastFor(rival.id) && verdictOf(records, self, rival.id) !== 1)) return []
  const isAgainst = (slot: string) =>
    opposed.every(({ conflict, rival }) => conflict.id !== slot || verdictOf(records, self, rival.id) === -1)
  return candidacies(records, record).flatMap(candidacy => {
    const { slot } = candidacy
    const ver = openVersion(all, candidacy, record.id)
    return ver === undefined || cast.isCastIn(slot, ver) || !isAgainst(slot) ? [] : [{ slot, ver, of: record.id }]
  })
}

/** The latest verdict of `by` on a record, its own included. */
export const verdictOf = (records: Records, by: PublicKey, of: RecordId): 1 | -1 | 0 | undefined =>
  records.referencing(of).findLast((each): each is Rec<'verify'> => isKind(each, 'verify') && each.by === by)?.op.v

/**
 * Records that a standing conflict names beside this one. Whoever voted for one and thinks otherwise now is bound by
 * its vote: with both, two records that exclude each other could become final.
 */
function rivals(records: Records, { id }: Rec): { conflict: Rec<'conflict'>; rival: Rec }[] {
  return records.referencing(id).flatMap(conflict => {
    if (!isKind(conflict, 'conflict')) return []
    const others = conflict.op.a.filter(each => each !== id && records.isLive(each))
    return others.flatMap(each => {
      const rival = records.get(each)
      return rival === undefined ? [] : [{ conflict, rival }]
    })
  })
}

/**
 * The version to vote for the candidate in, if there is one. After a stuck version only the candidate that led it is
 * voted for: else the same votes would be cast again and again.
 */
function openVersion(all: Elections, { slot, ver, repeats }: Candidacy, of: RecordId): number | undefined {
  if (ver !== undefined) return all.isOpen(slot, ver) && all.certifiedIn(slot, ver) === undefined ? ver : undefined
  for (let open = 0; ; open++) {
    const certified = all.certifiedIn(slot, open)
    if (certified === of || (certified !== undefined && repeats === undefined)) return undefined
    if (certified !== undefined) continue
    if (!all.isStuck(slot, open)) return open
    if (leader(all, slot, open) !== of) return undefined
  }
}

/** Most votes, then the lowest id. */
const leader = (all: Elections, slot: string, ver: number): RecordId | undefined =>
  [...all.votes(slot, ver)].sort(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1))[0]?.[0]
