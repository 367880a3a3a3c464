/** Where knowledge comes from: a record with who said it, who verified it, when, and where it stands. */
import type { Genesis, Kind, Known, Rec, Voice } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { speakerId, speakerOf } from '../views/offers.ts'
import { opinions, status } from '../views/status.ts'

export function withProvenance<K extends Kind>(records: Records, genesis: Genesis, record: Rec<K>): Known<K> {
  const { supports, refutes, shown } = opinions(records, genesis, record.id)
  const voices = [...supports, ...refutes].map(verdict => voiceOf(verdict, true))
  const others = shown.map(verdict => voiceOf(verdict, false))
  const said = (v: 1 | -1) => [...voices, ...others].filter(each => each.v === v).map(({ voice }) => voice)
  return {
    record,
    status: status(records, genesis, record.id),
    by: speakerId(speakerOf(record)),
    at: record.time,
    supports: said(1),
    refutes: said(-1),
  }
}

function voiceOf(verdict: Rec<'verify'>, counts: boolean): { v: number; voice: Voice } {
  const { v, why } = verdict.op
  const voice = { by: speakerId(speakerOf(verdict)), at: verdict.time, counts, ...(why !== undefined && { why }) }
  return { v, voice }
}
