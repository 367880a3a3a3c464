/** One record as a line of a log: when, who, its id to ask further with, and what it says. */
import { speakerOf } from '@amp-mesh/context'
import { isKind, peerIdOf, type Rec, type RecordId } from '@amp-mesh/protocol'
import { drawRecord } from './act.ts'
import { clockTime } from './figures.ts'
import type { Palette } from './palette.ts'
import { columns, cut, pad, plainText, wrap } from './plain-text.ts'
import { type Style, shortPeer } from './timeline.ts'

const NAME_WIDTH = 12
const LINES = 2

/** Enough of an id to name a record; `amp-mesh space … why` takes it. */
export const shortId = (id: RecordId): string => id.slice(0, 7)

/** `history`, or the last characters of the peer where no agent spoke. */
export function nameOf(record: Rec): string {
  const { agent } = speakerOf(record)
  return agent === '' ? shortPeer(peerIdOf(record.by)) : plainText(agent)
}

/** What a record says, in one line: its mark, and its words or what it does to another. */
export function wordsOf(
  record: Rec,
  palette: Palette,
): { label: string; paint: (text: string) => string; text: string } {
  const mark = drawRecord(record, palette)
  if (mark === undefined) return { label: '·', paint: palette.quiet, text: record.op.k }
  if (isKind(record, 'synthesis')) return { ...mark, text: plainText(record.op.content) }
  const deed = mark.text === '' || mark.quotes ? `${mark.verb} ${shortId(mark.parent ?? '')}`.trim() : ''
  const text = [deed, mark.text].filter(part => part !== '').join(': ')
  return { label: mark.label, paint: mark.paint, text }
}

/** `note`: what else there is to say about it, e.g. that it was taken back. */
export function renderRecord(record: Rec, { palette, width }: Style, note = ''): string[] {
  const { label, paint, text } = wordsOf(record, palette)
  const name = pad(cut(nameOf(record), NAME_WIDTH), NAME_WIDTH)
  const time = clockTime(record.time)
  const margin = `${palette.quiet(time)} ${palette.of(record.by, name)} ${palette.quiet(shortId(record.id))} `
  const indent = time.length + 1 + NAME_WIDTH + 1 + shortId(record.id).length + 1
  const room = Math.max(20, width - indent - columns(label) - 1)
  const [first = '', ...more] = wrap(note === '' ? text : `${text} (${note})`, room, LINES)
  return [`${margin}${paint(label)} ${first}`, ...more.map(line => ' '.repeat(indent + columns(label) + 1) + line)]
}
