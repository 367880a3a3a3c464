/** What a space amounted to at a time: question, facts by their status, open needs and conflicts, the conclusion. */
import type { Difference, Moment } from '@amp-mesh/context/history'
import { isKind, type Rec, type Status } from '@amp-mesh/protocol'
import { count } from './figures.ts'
import type { Palette } from './palette.ts'
import { columns, plainText, wrap } from './plain-text.ts'
import { nameOf, renderRecord, shortId, wordsOf } from './record-line.ts'
import type { Style } from './timeline.ts'

const LINES = 2

export function renderMoment(moment: Moment, style: Style): string[] {
  const { palette } = style
  const { time, records, question, facts, needs, conflicts, threads, conclusion } = moment
  const open = needs.filter(({ state }) => state === 'open').map(({ record }) => record)
  const disputed = conflicts.filter(({ state }) => state === 'open')
  const said = threads.reduce((sum, thread) => sum + (thread.replies.length > 0 ? 1 : 0), 0)
  return [
    `${palette.strong(isoTime(time))}  ${count(records.size, 'record')}, ${count(said, 'thread')}`,
    ...section('question', question === undefined ? [] : [listed(question, '', style)], style),
    ...section(
      'facts',
      facts.map(({ record, status }) => listed(record, paintStatus(status, palette), style, status.length)),
      style,
    ),
    ...section(
      'open needs',
      open.map(record => listed(record, '', style)),
      style,
    ),
    ...section(
      'open conflicts',
      disputed.flatMap(({ sides }) => sides.flatMap(([side]) => (side === undefined ? [] : [listed(side, '', style)]))),
      style,
    ),
    ...section(
      'conclusion',
      conclusion.synthesis === undefined
        ? [[palette.quiet('  none yet')]]
        : [synthesisLines(conclusion.synthesis, style)],
      style,
    ),
  ]
}

export function renderDifference(difference: Difference, style: Style): string[] {
  const { palette } = style
  const { from, to, appeared, changed, takenBack, conclusion } = difference
  const isNothing = appeared.length + changed.length + takenBack.length === 0 && conclusion === undefined
  return [
    palette.strong(`${isoTime(from)} … ${isoTime(to)}`),
    ...section(
      'said',
      appeared.map(record => renderRecord(record, style)),
      style,
    ),
    ...section(
      'seen otherwise',
      changed.map(({ record, before, after }) => renderRecord(record, style, `${before} → ${after}`)),
      style,
    ),
    ...section(
      'taken back',
      takenBack.map(record => renderRecord(record, style)),
      style,
    ),
    ...(conclusion === undefined
      ? []
      : section(
          'the conclusion now',
          [conclusion.after === undefined ? [palette.quiet('  none')] : synthesisLines(conclusion.after, style)],
          style,
        )),
    ...(isNothing ? ['', 'Nothing happened.'] : []),
  ]
}

const isoTime = (time: number): string => new Date(time).toISOString().replace('T', ' ')

const section = (title: string, items: readonly string[][], { palette }: Style): string[] =>
  items.length === 0 ? [] : ['', palette.accent(title), ...items.flat()]

/** `  verified  pay.ts changes 14 · history Zk3fQ2a` */
function listed(record: Rec, label: string, { palette, width }: Style, labelWidth = 0): string[] {
  const room = Math.max(20, width - 2 - labelWidth - (labelWidth > 0 ? 1 : 0))
  const { text } = wordsOf(record, palette)
  const tail = `${nameOf(record)} ${shortId(record.id)}`
  const [first = '', ...more] = wrap(text, room, LINES)
  const head = `  ${label}${labelWidth > 0 ? ' ' : ''}${first}`
  const last = more.at(-1) ?? first
  const indent = ' '.repeat(width - room)
  const lines = [head, ...more.map(line => indent + line)]
  if (columns(last) + 3 + tail.length > room) return [...lines, indent + palette.quiet(tail)]
  return [...lines.slice(0, -1), `${lines.at(-1)}${palette.quiet(` · ${tail}`)}`]
}

function paintStatus(status: Status, { good, bad, warn, quiet }: Palette): string {
  if (status === 'verified' || status === 'final') return good(status)
  if (status === 'refuted' || status === 'disputed') return bad(status)
  return status === 'contested' ? warn(status) : quiet(status)
}

function synthesisLines(record: Rec, { palette, width }: Style): string[] {
  const text = isKind(record, 'synthesis') ? plainText(record.op.content) : ''
  return [
    ...wrap(text, width - 2, LINES + 1).map(line => `  ${line}`),
    palette.quiet(`  ${nameOf(record)} ${shortId(record.id)}`),
  ]
}
