/** The end of a question: the synthesis in a calm block, its claims with the records they rest on, and the figures. */
import type { Answer } from '@amp-mesh/peer'
import type { Op, Rec, RecordId } from '@amp-mesh/protocol'
import { figures } from './figures.ts'
import { plainParagraphs, plainText, wrap } from './plain-text.ts'
import type { Style, Timeline } from './timeline.ts'

/** More than this nobody reads; `amp-mesh space <id> --json` has all of it. */
const MAX_LINES = 80
const LINES_PER_CLAIM = 4

export function renderConclusion(timeline: Timeline, answer: Answer, style: Style): string[] {
  const { palette } = style
  const ending = {
    concluded: [],
    partial: [palette.warn('The time was up before everybody had finished: this is a partial answer.')],
    'no-agents': [palette.warn('Nobody on this mesh could help with that.')],
    cancelled: [palette.warn('Cancelled.')],
  }[answer.outcome]
  const synthesis = answer.synthesis === undefined ? [] : renderSynthesis(timeline, answer.synthesis, style)
  return ['', ...synthesis, ...ending, palette.quiet(figures(answer))]
}

/** What was concluded, the claims by number, and below them the records that each number rests on. */
export function renderSynthesis(timeline: Timeline, { op }: Rec<'synthesis'>, style: Style): string[] {
  const { palette } = style
  const room = style.width - 2
  const [headline = '', ...prose] = wordsOf(op)
  const words = [
    ...wrap(headline, room).map(palette.strong),
    ...prose.flatMap(paragraph => wrap(paragraph, room)),
    '',
    ...op.claims.flatMap(({ text }, i) =>
      plainText(text) === headline ? [] : hanging(`[${i + 1}] `, plainText(text), room),
    ),
  ]
  const notes = op.claims.flatMap(({ references }, i) => {
    const sources = references.map(id => sourceOf(timeline, id)).join(', ')
    return hanging(`[${i + 1}] `, sources, room).map(palette.quiet)
  })
  const kept = [
    ...cutAt(MAX_LINES, words),
    '',
    ...(notes.length > 0 ? [palette.quiet('rests on')] : []),
    ...cutAt(MAX_LINES, notes),
  ]
  return [...kept.map(line => `${palette.good('┃')} ${line}`.trimEnd()), '']
}

/** Its paragraphs without those that only repeat a claim; in them `[n]` is the number of a claim. */
function wordsOf({ content, claims }: Op<'synthesis'>): string[] {
  const repeated = new Set(claims.map(({ text }) => plainText(text)))
  const [headline = '', ...prose] = plainParagraphs(content)
  return [headline, ...prose.filter(paragraph => !repeated.has(paragraph.replace(/^(\[\d+\]|-) +/, '')))]
}

/** `tests BCT3A4Z…`: who said it, and the id under which it can be found. */
function sourceOf(timeline: Timeline, id: RecordId): string {
  const shown = timeline.shown.get(id)
  return shown === undefined ? id : `${shown.who} ${id}`
}

function hanging(label: string, text: string, room: number): string[] {
  const [first = '', ...more] = wrap(text, room - label.length, LINES_PER_CLAIM)
  return [label + first, ...more.map(line => ' '.repeat(label.length) + line)]
}

const cutAt = (lines: number, all: string[]): string[] => (all.length > lines ? [...all.slice(0, lines), '…'] : all)
