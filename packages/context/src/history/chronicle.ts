/** The records of a space told in order, all of them or those that somebody asks for. */
import { type Kind, peerIdOf, type Rec } from '@amp-mesh/protocol'
import { inOrder, type Records } from '../records.ts'
import { speakerOf } from '../views/offers.ts'

/** What a record must be to be told; what is left out does not matter. */
export interface Wish {
  readonly kinds?: ReadonlySet<Kind>
  /** Beginning or end of its author's PeerId: people know peers by their last characters. */
  readonly by?: string
  readonly agent?: string
  /** Not before, ms since the epoch. */
  readonly since?: number
}

/** In order of (time, log, n), the records that were taken back too: what was said stays said. */
export function chronicle(records: Records, wish: Wish = {}): Rec[] {
  return [...records.all()].filter(record => isWished(record, wish)).sort(inOrder)
}

function isWished(record: Rec, { kinds, by, agent, since }: Wish): boolean {
  if (kinds !== undefined && !kinds.has(record.op.k)) return false
  if (since !== undefined && record.time < since) return false
  if (agent !== undefined && speakerOf(record).agent !== agent) return false
  if (by === undefined) return true
  const peer = peerIdOf(record.by)
  return peer.startsWith(by) || peer.endsWith(by)
}
