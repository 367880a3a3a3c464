/** What happens in a question's space as lines for people: when, who, what; build-ons indented below their parent. */
import type { Happening } from '@amp-mesh/peer'
import { type AgentId, type PeerId, parseAgentId, type RecordId } from '@amp-mesh/protocol'
import { drawRecord, type Mark } from './act.ts'
import { count } from './figures.ts'
import type { Palette } from './palette.ts'
import { columns, cut, pad, plainText, wrap } from './plain-text.ts'

/** How wide to write, and in what colours. */
export interface Style {
  /** Columns. */
  readonly width: number
  readonly palette: Palette
}

/** What the lines so far showed: enough to indent, to quote and to write footnotes. */
export interface Timeline {
  /** The newest records shown, oldest first. */
  readonly shown: ReadonlyMap<RecordId, Shown>
  /** The thread of the last line: within it nothing needs to be quoted. */
  readonly thread?: RecordId
  /** Who said "nothing to add" and nothing else after. Told in one line, before the conclusion. */
  readonly settled: readonly string[]
  /** Support of what others had supported already, by speaker. Told in one line, once something else happens. */
  readonly agreed: ReadonlyMap<string, number>
}

export interface Shown {
  readonly who: string
  readonly text: string
  readonly depth: number
  readonly thread: RecordId
  /** Somebody supported it. */
  readonly supported?: boolean
}

const NOBODY: Timeline['agreed'] = new Map()
export const EMPTY_TIMELINE: Timeline = { shown: new Map(), settled: [], agreed: NOBODY }

/** Records kept for quotes and footnotes: more than a person scrolls back to, and a bound for hostile spaces. */
const REMEMBERED = 2048
const LINES_PER_RECORD = 3
const MAX_DEPTH = 6
const QUOTE_WIDTH = 48
const TIME_WIDTH = 8
const NAME_WIDTH = 14
const SHORT_ID = 6
/** Where the text begins: time, name, short id and the blanks between them. */
const MARGIN = TIME_WIDTH + 2 + NAME_WIDTH + 1 + SHORT_ID + 2

/** The timeline after `happening`, and the lines to write for it, sometimes none. The answer is not drawn here. */
export function renderHappening(
  timeline: Timeline,
  happening: Happening,
  style: Style,
): { state: Timeline; lines: string[] } {
  const agreed = agreedLines(timeline, style)
  if (happening.type === 'done') return { state: { ...timeline, agreed: NOBODY }, lines: agreed }
  if (happening.type === 'suspected') {
    const text = style.palette.warn(`peer ${shortPeer(happening.peer)} does not answer any more`)
    return { state: { ...timeline, agreed: NOBODY }, lines: [...agreed, margin(happening, style) + text] }
  }
  if (happening.type === 'wave') {
    const whom = happening.everybody ? 'everybody' : count(happening.peers.length, 'more peer')
    const lines = [...agreed, ...quietLine(`few offers so far: asked ${whom}`, style)]
    return { state: { ...timeline, agreed: NOBODY }, lines }
  }
  const { record } = happening
  const who = speakerOf(happening)
  if (record.op.k === 'settle') return { state: withSettled(timeline, who), lines: [] }
  const mark = drawRecord(record, style.palette)
  if (mark === undefined) return { state: timeline, lines: [] }
  const parent = mark.parent === undefined ? undefined : timeline.shown.get(mark.parent)
  const supports = record.op.k === 'verify' && record.op.v === 1
  if (supports && parent?.supported) return { state: withAgreed(timeline, who), lines: [] }

  const depth = parent === undefined ? 0 : Math.min(parent.depth + 1, MAX_DEPTH)
  const thread = parent?.thread ?? record.id
  const shown = remember(timeline.shown, record.id, { who, text: mark.text || mark.verb, depth, thread })
  if (supports && parent !== undefined && mark.parent !== undefined)
    shown.set(mark.parent, { ...parent, supported: true })
  const quote = parent !== undefined && (mark.quotes || timeline.thread !== thread) ? quoteOf(parent) : undefined
  const settled = record.op.k === 'synthesis' ? settledLines(timeline, style) : []
  return {
    state: { shown, thread, settled: timeline.settled.filter(name => name !== who), agreed: NOBODY },
    lines: [...agreed, ...settled, ...rows(happening, mark, depth, quote, style)],
  }
}

/** `12D3KooW…` identities differ in their last characters. */
export const shortPeer = (peer: PeerId): string => plainText(peer).slice(-SHORT_ID)

/** The agent's name, or the peer when no agent spoke. */
export function speakerOf({ agent, from }: { agent?: AgentId; from: PeerId }): string {
  return agent === undefined ? shortPeer(from) : plainText(parseAgentId(agent).name)
}

/** The first line carries time and speaker; what continues it stands below its text. */
function rows(happening: Happening, mark: Mark, depth: number, quote: string | undefined, style: Style): string[] {
  const indent = '  '.repeat(depth)
  const label = mark.label === '' ? '' : `${mark.label} `
  const room = Math.max(20, style.width - MARGIN - indent.length - columns(label))
  const text = mark.text === '' ? [] : wrap(mark.text, room, LINES_PER_RECORD).map(mark.body)
  const said = quote === undefined ? text : [style.palette.quiet(cut(`${mark.verb} ${quote}`, room)), ...text]
  const [first = mark.verb, ...more] = said
  const below = ' '.repeat(MARGIN + indent.length + columns(label))
  return [`${margin(happening, style)}${indent}${mark.paint(label)}${first}`, ...more.map(line => below + line)]
}

function margin(happening: Happening, { palette }: Style): string {
  const time = `+${(happening.t / 1000).toFixed(2)}s`.padStart(TIME_WIDTH)
  const name = happening.agent === undefined ? 'peer' : speakerOf(happening)
  const colour = happening.agent ?? happening.from
  const id = shortPeer(happening.from)
  return `${palette.quiet(time)}  ${palette.of(colour, pad(cut(name, NAME_WIDTH), NAME_WIDTH))} ${palette.quiet(id)}  `
}

const quoteOf = (parent: Shown): string => `${parent.who}: “${cut(parent.text, QUOTE_WIDTH)}”`

function withSettled(timeline: Timeline, who: string): Timeline {
  return timeline.settled.includes(who) ? timeline : { ...timeline, settled: [...timeline.settled, who] }
}

function withAgreed(timeline: Timeline, who: string): Timeline {
  return { ...timeline, agreed: new Map(timeline.agreed).set(who, (timeline.agreed.get(who) ?? 0) + 1) }
}

const settledLines = ({ settled }: Timeline, style: Style): string[] =>
  settled.length === 0 ? [] : quietLine(`nothing to add: ${settled.join(', ')}`, style)

const agreedLines = ({ agreed }: Timeline, style: Style): string[] =>
  agreed.size === 0
    ? []
    : quietLine(`found the same: ${[...agreed].map(([who, times]) => `${who} (${times})`).join(', ')}`, style)

const quietLine = (text: string, { width, palette }: Style): string[] => [
  ' '.repeat(MARGIN) + palette.quiet(cut(`· ${text}`, Math.max(20, width - MARGIN))),
]

function remember(shown: Timeline['shown'], id: RecordId, record: Shown): Map<RecordId, Shown> {
  const next = new Map(shown).set(id, record)
  const [oldest] = next.keys()
  if (next.size > REMEMBERED && oldest !== undefined) next.delete(oldest)
  return next
}
