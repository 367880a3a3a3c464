/** One event of a peer's inspection stream as a line of a log. */
import type { Absence, Inspection } from '@amp-mesh/peer'
import { peerIdOf } from '@amp-mesh/protocol'
import { drawRecord } from './act.ts'
import { clockTime } from './figures.ts'
import { cut, plainText } from './plain-text.ts'
import { type Style, shortPeer } from './timeline.ts'

const MARGIN = 28

/** Why a peer is suspected or gone, to people. */
export const ABSENCE: Record<Absence, string> = {
  silent: 'it is connected and silent',
  unreachable: 'no connection to it can be had',
  left: 'it said goodbye',
}

export function renderInspection(inspection: Inspection, style: Style): string {
  const { palette, width } = style
  const event = inspection.event.padEnd(12)
  const good = ['connected', 'recovered', 'joined'].includes(inspection.event)
  const bad = ['disconnected', 'suspected', 'gone', 'refused', 'gap'].includes(inspection.event)
  const painted = good ? palette.good(event) : bad ? palette.warn(event) : event
  const text = cut(about(inspection, style), Math.max(20, width - MARGIN))
  return `${palette.quiet(clockTime(inspection.at))}  ${painted}  ${text}`
}

function about(inspection: Inspection, { palette }: Style): string {
  switch (inspection.event) {
    case 'card':
      return `${plainText(inspection.agent)} is ${inspection.state}`
    case 'invited':
      return `“${plainText(inspection.query)}”`
    case 'joined':
    case 'left':
      return `space ${inspection.space}`
    case 'record': {
      const { record } = inspection
      const text = drawRecord(record, palette)?.text ?? ''
      const who = ('agent' in record.op ? record.op.agent : undefined) ?? 'peer'
      return `${plainText(who)} ${shortPeer(peerIdOf(record.by))}  ${record.op.k}  ${text}`.trimEnd()
    }
    case 'refused':
      return `${inspection.peer}: ${plainText(inspection.code)}`
    case 'suspected':
    case 'gone':
      return `${inspection.peer}: ${ABSENCE[inspection.why]}`
    case 'gap':
      return `${inspection.missed} events missed: this terminal was too slow`
    default:
      return inspection.peer
  }
}
