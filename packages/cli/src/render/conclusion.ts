/** The end of a question: the synthesis in a calm block, its claims with the records they rest on, and the figures. */
import type { Answer, Remembered } from '@amp-mesh/peer'
import { type Op, peerIdOf, type RecordId } from '@amp-mesh/protocol'
import { figures, minute } from './figures.ts'
import { plainParagraphs, plainText, wrap } from './plain-text.ts'
import { type Style, shortPeer, type Timeline } from './timeline.ts'

/** More than this nobody reads; `amp-mesh space <id> --json` has all of it. */
const MAX_LINES = 80
const LINES_PER_CLAIM = 4

/** What a synthesis says, wherever that stands. */
type Words = Pick<Op<'synthesis'>, 'content' | 'claims'>

export function renderConclusion(timeline: Timeline, answer: Answer, style: Style): string[] {
  const { palette } = style
  const ending = {
    concluded: [],
    partial: [palette.warn('The time was up before everybody had finished: this is a partial answer.')],
    'no-agents':
      answer.firstOfferMs === undefined
        ? [
            palette.warn('Nobody on this mesh could help with that.'),
            'Ask in other words; `amp-mesh peers` lists what the agents here can do.',
          ]
        : [palette.warn('Those who offered to help could not: what they said of it stands above.')],
    cancelled: [palette.warn('Cancelled.')],
  }[answer.outcome]
  if (answer.commons !== undefined) return ['', ...renderRemembered(timeline, answer.commons, style)]
  const synthesis = answer.synthesis === undefined ? [] : renderSynthesis(timeline, answer.synthesis, style)
  return ['', ...synthesis, ...ending, palette.quiet(figures(answer))]
}

/** What the mesh knew already: that it did, since when, by whose work, and who answers for it. */
function renderRemembered(
  timeline: Timeline,
  { solved, solution, vouchedBy, own }: Remembered,
  style: Style,
): string[] {
  const { palette } = style
  const agents = solution.by.map(agent => plainText(agent.split('/').at(-1) || shortPeer(agent.split('/')[2] ?? '')))
  const word = own
    ? 'you asked it yourself'
    : `vouched for by ${vouchedBy.map(key => shortPeer(peerIdOf(key))).join(', ')}`
  const lines = [
    `From commons: nobody was asked. The mesh found this at ${minute(solved.time)}; ${word}.`,
    `It rests on the work of ${agents.join(', ') || 'nobody'}, in space ${solution.space}. --fresh asks anew.`,
  ]
  return [
    ...renderSynthesis(timeline, { op: solution }, style),
    ...lines.flatMap(line => wrap(line, style.width)).map(line => palette.quiet(line)),
  ]
}

/** What was concluded, the claims by number, and below them the records that each number rests on. */
export function renderSynthesis(timeline: Timeline, { op }: { op: Words }, style: Style): string[] {
  const { palette } = style
  const room = style.width - 2
  const [headline = '', ...prose] = wordsOf(op)
  const words = [...wrap(headline, room).map(palette.strong), ...prose.flatMap(paragraph => wrap(paragraph, room))]
  const claims = op.claims.flatMap(({ text }, i) =>
    plainText(text) === headline ? [] : hanging(`[${i + 1}] `, plainText(text), room),
  )
  const notes = op.claims.flatMap(({ references }, i) => {
    const sources = references.map(id => sourceOf(timeline, id)).join(', ')
    return hanging(`[${i + 1}] `, sources, room).map(palette.quiet)
  })
  const kept = [
    ...cutAt(MAX_LINES, [...words, ...below('', claims)]),
    ...below('', below(palette.quiet('rests on'), cutAt(MAX_LINES, notes))),
  ]
  return [...kept.map(line => `${palette.good('┃')} ${line}`.trimEnd()), '']
}

/** Its paragraphs without those that only repeat a claim; in them `[n]` is the number of a claim. */
function wordsOf({ content, claims }: Words): string[] {
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

/** Nothing below nothing. */
const below = (head: string, lines: string[]): string[] => (lines.length === 0 ? [] : [head, ...lines])

const cutAt = (lines: number, all: string[]): string[] => (all.length > lines ? [...all.slice(0, lines), '…'] : all)
