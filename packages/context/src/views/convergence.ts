/** Whether everybody who offered to help has nothing left to add. */
import { type Kind, type LogId, type PublicKey, type Rec, SPACE_LIMITS } from '@amp-mesh/protocol'
import type { RecordHead, Records } from '../records.ts'
import { offerers, type Speaker, speakerOf } from './offers.ts'

/**
 * Kinds a `settle` need not cover, because nobody could have something to add because of them: they say nothing about
 * the question. `settle` itself, or settling would never end; offers and refusals, since whom to wait for follows
 * from them; `admit`, `ack`, `ckpt`, `cert`: the ledger's own bookkeeping; `synthesis`, `learn`, `cancel`: they come
 * after convergence.
 */
const WEIGHTLESS: ReadonlySet<Kind> = new Set<Kind>([
  'settle',
  'capability_match',
  'refuse',
  'admit',
  'ack',
  'ckpt',
  'cert',
  'synthesis',
  'learn',
  'cancel',
])

/** True for a record that may give others something to add. */
export const isWeighty = (record: Rec): boolean => !WEIGHTLESS.has(record.op.k)

/** True when somebody offered, and every offerer not suspected has settled on all records that matter. */
export function converged(records: Records, suspected: ReadonlySet<PublicKey>): boolean {
  return offerers(records).some(({ author }) => !suspected.has(author)) && unsettled(records, suspected).length === 0
}

/** Offerers, suspected ones left out, whose latest settle does not cover `heads` (default: all records that matter). */
export function unsettled(
  records: Records,
  suspected: ReadonlySet<PublicKey>,
  heads: readonly RecordHead[] = weightyHeads(records),
): Speaker[] {
  return offerers(records).filter(
    offerer => !suspected.has(offerer.author) && !covers(latestSettle(records, offerer), heads),
  )
}

/**
 * How far each log reaches with records that matter: what a settle has to cover. A settle names at most 256 logs (its
 * field's bound); spaces with more authors conclude when the budget is over.
 */
export function weightyHeads(records: Records): readonly RecordHead[] {
  const heads = new Map<LogId, number>()
  for (const record of records.all())
    if (isWeighty(record)) heads.set(record.log, Math.max(record.seq, heads.get(record.log) ?? 0))
  return [...heads].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** What a settle written now says it has seen: every log, those that matter first, up to the 256 its field can hold. */
export function settleHeads(records: Records): [log: LogId, seq: number][] {
  const weighty = new Set(weightyHeads(records).map(([log]) => log))
  const heads = records.heads().map(([log, seq]): [LogId, number] => [log, seq])
  const first = heads.filter(([log]) => weighty.has(log))
  return [...first, ...heads.filter(([log]) => !weighty.has(log))].slice(0, SPACE_LIMITS.array)
}

/** The speaker's latest settle on everything; one that names no agent speaks for all agents of its peer. */
export function latestSettle(records: Records, speaker: Speaker): Rec<'settle'> | undefined {
  return records
    .of('settle')
    .findLast(
      record =>
        record.op.thread === undefined &&
        record.by === speaker.author &&
        [speaker.agent, ''].includes(speakerOf(record).agent),
    )
}

/** True when the settle has seen every log up to these heads. */
export function covers(settle: Rec<'settle'> | undefined, heads: readonly RecordHead[]): boolean {
  if (settle === undefined) return false
  const seen = new Map(settle.op.heads)
  return heads.every(([log, seq]) => (seen.get(log) ?? -1) >= seq)
}
