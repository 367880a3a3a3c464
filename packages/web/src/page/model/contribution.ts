/** What was said in a space, as trees of contributions, each with what others made of it. */
import { citedBy, opinions, type Records, status, type Thread, threads, wordsOf } from '@amp-mesh/context'
import type { Genesis, Json, Kind, Op, Rec, RecordId, Status } from '@amp-mesh/protocol'
import { legible, paragraphs } from './legible.ts'
import type { Voice } from './voice.ts'

export interface Contribution {
  readonly id: RecordId
  readonly who: Voice
  readonly kind: Kind
  /** "proposes", "builds on this" … */
  readonly verb: string
  readonly text: readonly string[]
  /** ms since the question. */
  readonly at: number
  readonly status: Status
  readonly supports: readonly Judgement[]
  readonly refutes: readonly Judgement[]
  readonly cites: readonly Citation[]
  readonly replies: readonly Contribution[]
}

export interface Judgement {
  readonly id: RecordId
  readonly who: Voice
  readonly why: string
  /** A verifier's: it decides the status. Others' are shown only. */
  readonly counts: boolean
}

/** A record that something rests on. */
export interface Citation {
  readonly id: RecordId
  readonly who: string
  readonly text: string
}

/** What the functions of the model share about one space. */
export interface Telling {
  readonly records: Records
  readonly genesis: Genesis
  readonly voice: (record: Rec) => Voice
  /** When the question was asked, ms since the epoch. */
  readonly start: number
}

/** Deeper answers stand beside one another: the page has only so much width, and a hostile chain no end. */
export const DEEPEST = 6
/** Contributions drawn: more than anybody reads, and a bound for hostile spaces. */
export const MOST = 400

const VERBS: Partial<Record<Kind, string>> = {
  proposal: 'proposes',
  build_on: 'builds on this',
  concern: 'has a concern',
  need: 'needs help',
  task: 'gives out a task',
  result: 'delivers',
  failure: 'failed',
  fact: 'states',
  hyp: 'supposes',
  solved: 'has solved',
  gap: 'could not be answered',
  msg: 'says',
  artifact: 'shares',
}

/** Trees of contributions, earliest first: those that answer the question, and those that answer nobody. */
export function contributions(telling: Telling): { trees: Contribution[]; left: number } {
  const roots = threads(telling.records).flatMap(thread => (isDrawn(thread) ? [thread] : drawnAsRoots(thread)))
  const room = { left: MOST }
  const trees = grow(roots, telling, 0, room)
  return { trees, left: numberOf(roots) - (MOST - room.left) }
}

/** What was answered to one record. */
export function repliesTo(id: RecordId, telling: Telling): Contribution[] {
  const all = [...threads(telling.records)]
  for (let thread = all.pop(); thread !== undefined; thread = all.pop()) {
    if (thread.record.id === id) return grow(drawnBelow(thread), telling, 1, { left: MOST })
    for (const reply of thread.replies) all.push(reply)
  }
  return []
}

export function citation(id: RecordId, { records, voice }: Telling): Citation {
  const record = records.get(id)
  if (record === undefined) return { id, who: 'somebody', text: 'a record that is not here yet' }
  return { id, who: voice(record).name, text: legible(textOf(record.op), 120) }
}

/** What a record says, in one string. */
export function textOf(op: Op): string {
  switch (op.k) {
    case 'failure':
    case 'refuse':
      return op.why
    case 'artifact':
      return `${op.name} (${op.mediaType}, ${op.bytes} bytes)`
    case 'solved':
      return `${op.problem}: ${asText(op.result)}`
    case 'conflict':
      return op.why ?? 'these contradict each other'
    default:
      return wordsOf(op)
  }
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const isDrawn = ({ record }: Thread): boolean => record.op.k in VERBS

/** What mediators answer to a contradiction is told with it. */
const drawnAsRoots = (thread: Thread): Thread[] => (thread.record.op.k === 'conflict' ? [] : drawnBelow(thread))

/** The nearest descendants that are drawn: answers to the question, or to a conflict, hang below what is not. */
function drawnBelow({ replies }: Thread): Thread[] {
  const found: Thread[] = []
  const waiting = [...replies].reverse()
  for (let thread = waiting.pop(); thread !== undefined; thread = waiting.pop()) {
    if (isDrawn(thread)) found.push(thread)
    else if (thread.record.op.k === 'capability_match') waiting.push(...[...thread.replies].reverse())
  }
  return found
}

/** Depth first, no further than `DEEPEST`, and no more than there is room for. */
function grow(drawn: readonly Thread[], telling: Telling, depth: number, room: { left: number }): Contribution[] {
  const grown: Contribution[] = []
  for (const thread of depth < DEEPEST ? drawn : flat(drawn)) {
    if (room.left === 0) break
    room.left--
    const replies = depth < DEEPEST ? grow(drawnBelow(thread), telling, depth + 1, room) : []
    grown.push(contributionOf(thread.record, replies, telling))
  }
  return grown
}

function numberOf(roots: readonly Thread[]): number {
  const waiting = [...roots]
  let number = 0
  for (let thread = waiting.pop(); thread !== undefined; thread = waiting.pop()) {
    number++
    waiting.push(...drawnBelow(thread))
  }
  return number
}

/** All of the trees in one list. A loop, since a hostile chain is deeper than the stack. */
function flat(roots: readonly Thread[]): Thread[] {
  const list: Thread[] = []
  const waiting = [...roots].reverse()
  for (let thread = waiting.pop(); thread !== undefined && list.length < MOST; thread = waiting.pop()) {
    list.push(thread)
    waiting.push(...drawnBelow(thread).reverse())
  }
  return list
}

function contributionOf(record: Rec, replies: readonly Contribution[], telling: Telling): Contribution {
  const { records, genesis, voice, start } = telling
  const { supports, refutes, shown } = opinions(records, genesis, record.id)
  const judged = (verdicts: readonly Rec<'verify'>[], counts: boolean): Judgement[] =>
    verdicts.map(verdict => ({ id: verdict.id, who: voice(verdict), why: legible(verdict.op.why ?? '', 300), counts }))
  const others = (v: 1 | -1) =>
    judged(
      shown.filter(({ op }) => op.v === v),
      false,
    )
  return {
    id: record.id,
    who: voice(record),
    kind: record.op.k,
    verb: VERBS[record.op.k] ?? 'says',
    text: paragraphs(textOf(record.op)),
    at: Math.max(0, record.time - start),
    status: status(records, genesis, record.id),
    supports: [...judged(supports, true), ...others(1)],
    refutes: [...judged(refutes, true), ...others(-1)],
    cites: [...new Set(citedBy(record.op))].slice(0, 32).map(id => citation(id, telling)),
    replies,
  }
}
