/** Who has which key: a map whose entries each author adds and takes out for itself (OR-map). CONTEXT.md §11. */
import { type PublicKey, type Rec, type RecordId, sha256, toBase64url, utf8 } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'

export interface AssignmentView {
  readonly key: string
  /** Live entries, one an author: its latest, unless it took that out or it expired. In order of holding. */
  readonly entries: readonly Rec<'assign'>[]
  /** The first of them: if one has to act alone, it is this one's. */
  readonly holder: Rec<'assign'>
}

/**
 * Keys with live entries at the time `now`, ms since the epoch, in order of key. Who holds a key follows from
 * sha(key ‖ author), lowest first: neither an early time nor a ground record id helps.
 */
export function assignments(records: Records, now: number): AssignmentView[] {
  const removed = removals(records)
  const keys = new Map<string, Map<PublicKey, Rec<'assign'>>>()
  for (const record of records.history('assign')) {
    const authors = keys.get(record.op.key) ?? new Map<PublicKey, Rec<'assign'>>()
    keys.set(record.op.key, authors.set(record.by, record))
  }
  const isLive = ({ id, by, op }: Rec<'assign'>) =>
    records.isLive(id) && removed.get(id) !== by && (op.until === undefined || now < op.until)
  return [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, authors]) => {
      const entries = inHoldingOrder(key, [...authors.values()].filter(isLive))
      const [holder] = entries
      return holder === undefined ? [] : [{ key, entries, holder }]
    })
}

/** By entry: its author, where that took it out. What others say about it takes nothing out. */
function removals(records: Records): Map<RecordId, PublicKey> {
  const removed = new Map<RecordId, PublicKey>()
  for (const { by, op } of records.of('unassign')) if (records.get(op.of)?.by === by) removed.set(op.of, by)
  return removed
}

function inHoldingOrder(key: string, entries: readonly Rec<'assign'>[]): Rec<'assign'>[] {
  const ranked = entries.map(record => ({ record, rank: toBase64url(sha256(utf8(key), utf8(record.by))) }))
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ record }) => record)
}
