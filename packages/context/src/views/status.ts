/** What the verifiers of a space think of a record: CONTEXT.md §12, without certificates. */
import type { Genesis, PublicKey, Rec, RecordId, Status } from '@amp-mesh/protocol'
import { quorumOf } from '../quorum.ts'
import { inOrder, type Records } from '../records.ts'

/** Latest word of everybody on one record, its author's own left out. */
export interface Opinions {
  /** Verifiers' latest verdicts: these count. */
  readonly supports: readonly Rec<'verify'>[]
  readonly refutes: readonly Rec<'verify'>[]
  /** Latest verdicts of others: shown, never counted. */
  readonly shown: readonly Rec<'verify'>[]
}

/**
 * With n verifiers and f = ⌊(n−1)/3⌋: `verified` needs f+1 of them, from `policy.domains` operator/model pairs,
 * `refuted` f+1, `disputed` both. A superseded record reads `retracted`; one that is not here `proposed`: nothing
 * speaks for or against it.
 */
export function status(records: Records, genesis: Genesis, id: RecordId): Status {
  const standing = records.standing(id)
  if (standing === 'retracted' || standing === 'superseded') return 'retracted'
  const { supports, refutes } = opinions(records, genesis, id)
  const { some } = quorumOf(genesis)
  const verified = supports.length >= some && domains(genesis, supports) >= genesis.policy.domains
  const refuted = refutes.length >= some
  if (verified) return refuted ? 'disputed' : 'verified'
  if (refuted) return 'refuted'
  return supports.length + refutes.length > 0 ? 'contested' : 'proposed'
}

export function opinions(records: Records, genesis: Genesis, id: RecordId): Opinions {
  const author = records.get(id)?.by
  const latest = new Map<PublicKey, Rec<'verify'>>()
  for (const record of records.referencing(id))
    if (isVerdictOn(record, id) && record.by !== author) latest.set(record.by, record)
  const verifiers = new Set(genesis.verifiers.map(verifier => verifier.pub))
  const verdicts = [...latest.values()].filter(record => record.op.v !== 0).sort(inOrder)
  const counted = verdicts.filter(record => verifiers.has(record.by))
  return {
    supports: counted.filter(record => record.op.v === 1),
    refutes: counted.filter(record => record.op.v === -1),
    shown: verdicts.filter(record => !verifiers.has(record.by)),
  }
}

/** True when the author took it back or the verifiers refuted it: nothing may rest on it any more. */
export function isFallen(records: Records, genesis: Genesis, id: RecordId): boolean {
  const now = status(records, genesis, id)
  return now === 'retracted' || now === 'refuted'
}

const isVerdictOn = (record: Rec, id: RecordId): record is Rec<'verify'> =>
  record.op.k === 'verify' && record.op.of === id

/** Verifiers that share operator and model fail together: they are one domain. */
function domains(genesis: Genesis, verdicts: readonly Rec[]): number {
  const by = new Set(verdicts.map(record => record.by))
  const behind = genesis.verifiers.filter(verifier => by.has(verifier.pub))
  return new Set(behind.map(({ operator, model }) => JSON.stringify([operator, model]))).size
}
