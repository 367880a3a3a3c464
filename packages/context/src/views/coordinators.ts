/** Who coordinates: an order every peer computes alike; the first that answers acts. Nobody is elected. */
import type { Genesis, Rec } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { offers, type Speaker, speakerKey, speakerOf } from './offers.ts'
import { isFallen } from './status.ts'

/**
 * Offerers by what others took up of theirs (times others built on or cited their standing records), then by the
 * confidence they offered with, then by the id of the offer, lowest first.
 */
export function coordinators(records: Records, genesis: Genesis): Speaker[] {
  const taken = timesTakenUp(records, genesis)
  return offers(records)
    .map(offer => ({ offer, speaker: speakerOf(offer), accepted: taken.get(speakerKey(speakerOf(offer))) ?? 0 }))
    .sort(
      (a, b) =>
        b.accepted - a.accepted || b.offer.op.confidence - a.offer.op.confidence || (a.offer.id < b.offer.id ? -1 : 1),
    )
    .map(({ speaker }) => speaker)
}

/** By speaker: how often others' contributions point at its records. Syntheses come after the choice. */
function timesTakenUp(records: Records, genesis: Genesis): Map<string, number> {
  const taken = new Map<string, number>()
  for (const record of [...records.of('proposal'), ...records.of('build_on'), ...records.of('result')])
    for (const id of takenUpBy(record)) {
      const target = records.get(id)
      if (target === undefined || target.by === record.by || isFallen(records, genesis, id)) continue
      const speaker = speakerKey(speakerOf(target))
      taken.set(speaker, (taken.get(speaker) ?? 0) + 1)
    }
  return taken
}

function takenUpBy({ op }: Rec<'proposal' | 'build_on' | 'result'>): Set<string> {
  return new Set([...(op.k === 'build_on' ? [op.parent] : []), ...(op.references ?? [])])
}
