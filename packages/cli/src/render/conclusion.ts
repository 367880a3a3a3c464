/** The end of a question: the synthesis in a calm block with footnotes to the records it rests on, and the figures. */
import type { Answer } from '@amp-mesh/peer'
import type { Rec, RecordId } from '@amp-mesh/protocol'
import { figures } from './figures.ts'
import { cut, plainParagraphs, plainText, wrap } from './plain-text.ts'
import type { Style, Timeline } from './timeline.ts'

/** A text longer than this is no conclusion; `amp-mesh space <id> --json` has it all. */
const MAX_LINES = 60

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

/** The conclusion, its claims, and below them what each `[n]` stands for. */
export function renderSynthesis(timeline: Timeline, { op }: Rec<'synthesis'>, style: Style): string[] {
  const { content, claims } = op
  const { palette, width } = style
  const numbers = new Map<RecordId, number>()
  const number = (id: RecordId) => numbers.get(id) ?? numbers.set(id, numbers.size + 1).size
  const edge = palette.good('┃ ')
  const room = width - 2

  const words = plainParagraphs(content).flatMap(paragraph => wrap(paragraph, room).map(palette.strong))
  const points = claims.flatMap(claim => {
    const marks = claim.references.map(id => `[${number(id)}]`).join('')
    const [first = '', ...more] = wrap(`${plainText(claim.text)} ${marks}`, room - 2)
    return [`• ${first}`, ...more.map(line => `  ${line}`)]
  })
  const body = [...words, ...(points.length > 0 ? ['', ...points] : [])]
  const kept = body.length > MAX_LINES ? [...body.slice(0, MAX_LINES), palette.quiet('…')] : body
  const notes = [...numbers].map(([id, n]) => palette.quiet(footnote(timeline, id, n, room)))
  return [...kept, ...(notes.length > 0 ? ['', ...notes] : [])].map(line => (edge + line).trimEnd()).concat('')
}

/** `[1] <record id> tests: “No test covers …”`; the id alone when the record was not shown here. */
function footnote(timeline: Timeline, id: RecordId, n: number, room: number): string {
  const shown = timeline.shown.get(id)
  return cut(`[${n}] ${id}${shown === undefined ? '' : ` ${shown.who}: ${shown.text}`}`, room)
}
