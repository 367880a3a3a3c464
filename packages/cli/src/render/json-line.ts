/** What happens as JSON, one object a line: the form for programs, who rely on these field names. */
import type { Happening, Remembered } from '@amp-mesh/peer'
import { peerIdOf, type Rec } from '@amp-mesh/protocol'

/** C1 controls, bidi overrides and line separators: harmless to JSON, not to a terminal that shows it. */
const UNSHOWABLE = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

export function jsonLine(value: object): string {
  return JSON.stringify(value).replace(
    UNSHOWABLE,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/**
 * `{"t","type","from","agent","space","record":{"id",…}}`; the last one is `{"type":"done","peers",…,"outcome"}`, with
 * `commons` when the mesh knew the answer.
 */
export function happeningAsJson(happening: Happening): object {
  if (happening.type === 'done') {
    const { type, peers, firstOfferMs, concludedMs, records, messages, bytes, outcome, space, commons } = happening
    return {
      type,
      peers,
      firstOfferMs,
      concludedMs,
      records,
      messages,
      bytes,
      outcome,
      space,
      synthesis: happening.synthesis?.id ?? commons?.solution.synthesis,
      commons: commons && rememberedAsJson(commons),
    }
  }
  const { t, type, from, agent } = happening
  if (happening.type === 'suspected') return { t, type, from, agent, peer: happening.peer }
  if (happening.type === 'wave') {
    const { space, peers, everybody } = happening
    return { t, type, from, space, peers, everybody }
  }
  const asked = happening.type === 'broadcast' ? { asked: happening.asked } : {}
  return { t, type, from, agent, space: happening.space, ...asked, record: recordAsJson(happening.record) }
}

/** A record on a line of its own: what it is, whose, when, and its fields. */
export function recordLine(record: Rec): object {
  const { id, by, log, n, time, op } = record
  const agent = 'agent' in op ? op.agent : undefined
  return { type: 'record', id, kind: op.k, peer: peerIdOf(by), agent, time, log, n, record: recordAsJson(record) }
}

function rememberedAsJson({ solved, solution, vouchedBy, own }: Remembered): object {
  return { solved: solved.id, time: solved.time, by: solution.by, vouchedBy: vouchedBy.map(peerIdOf), own }
}

/** A record's id and its op's fields; its kind stands in `type` of the line. */
export function recordAsJson(record: Rec): object {
  const { k: _kind, ...fields } = record.op
  return { id: record.id, ...fields }
}
