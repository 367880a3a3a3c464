/** Where a record stands: what the verifiers of its space think of it, and what they decided. CONTEXT.md §12. */
import type { Genesis, PublicKey, Rec, RecordId, Status } from '@amp-mesh/protocol'
import { verifiersOf } from '../ledger/authors.ts'
import { quorumOf } from '../quorum.ts'
import { inOrder, type Records } from '../records.ts'
import { outcomes } from './candidacies.ts'
import { domainsOf } from './domains.ts'
import { memoised } from './memo.ts'

/** Latest word of everybody on one record, its author's own left out. */
export interface Opinions {
  /** Verifiers' latest verdicts: these count. */
  readonly supports: readonly Rec<'verify'>[]
  readonly refutes: readonly Rec<'verify'>[]
  /** Latest verdicts of others: shown, never counted. */
  readonly shown: readonly Rec<'verify'>[]
}

const unheard: Opinions = { supports: [], refutes: [], shown: [] }
const statuses = memoised(() => new Map<RecordId, Status>())

/**
 * What a certificate decided outranks everything: `superseded` if one of the record's slots went to another, `final` if
 * it got one. Then its author's word. Then opinions: `verified` needs f+1 verifiers from `policy.domains`
 * operator/model pairs, `refuted` f+1, `disputed` both. A record that is not here is `proposed`: nothing speaks for or
 * against it.
 */
export function status(records: Records, genesis: Genesis, id: RecordId): Status {
  const known = statuses(records, genesis)
  let now = known.get(id)
  if (now === undefined) {
    now = decided(records, genesis, id) ?? thought(records, genesis, id)
    known.set(id, now)
  }
  return now
}

export function opinions(records: Records, genesis: Genesis, id: RecordId): Opinions {
  if (records.everReferencing(id).length === 0) return unheard
  const author = records.get(id)?.by
  const latest = new Map<PublicKey, Rec<'verify'>>()
  for (const record of records.referencing(id))
    if (isVerdictOn(record, id) && record.by !== author) latest.set(record.by, record)
  const verifiers = verifiersOf(genesis)
  const verdicts = [...latest.values()].filter(record => record.op.v !== 0).sort(inOrder)
  const counted = verdicts.filter(record => verifiers.has(record.by))
  return {
    supports: counted.filter(record => record.op.v === 1),
    refutes: counted.filter(record => record.op.v === -1),
    shown: verdicts.filter(record => !verifiers.has(record.by)),
  }
}

const FALLEN: ReadonlySet<Status> = new Set<Status>(['retracted', 'refuted', 'superseded'])

/**
 * True when the author took it back, the verifiers refuted it or decided for another: nothing may rest on it any more.
 */
export const isFallen = (records: Records, genesis: Genesis, id: RecordId): boolean =>
  FALLEN.has(status(records, genesis, id))

/** By certificates, else by its author. */
function decided(records: Records, genesis: Genesis, id: RecordId): Status | undefined {
  const record = records.get(id)
  const { won, lost } = record === undefined ? { won: false, lost: false } : outcomes(records, genesis, record)
  if (lost) return 'superseded'
  if (won) return 'final'
  const standing = records.standing(id)
  return standing === 'live' ? undefined : standing
}

function thought(records: Records, genesis: Genesis, id: RecordId): Status {
  const { supports, refutes } = opinions(records, genesis, id)
  const { some } = quorumOf(genesis)
  const domains = domainsOf(
    genesis,
    supports.map(({ by }) => by),
  )
  const verified = supports.length >= some && domains >= genesis.policy.domains
  const refuted = refutes.length >= some
  if (verified) return refuted ? 'disputed' : 'verified'
  if (refuted) return 'refuted'
  return supports.length + refutes.length > 0 ? 'contested' : 'proposed'
}

const isVerdictOn = (record: Rec, id: RecordId): record is Rec<'verify'> =>
  record.op.k === 'verify' && record.op.of === id
