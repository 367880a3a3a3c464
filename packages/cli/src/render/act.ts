/** How each kind of record looks in a line: a label, a verb for when there is nothing else to say, and its words. */
import type { Json, Op, Rec, RecordId } from '@amp-mesh/protocol'
import { count } from './figures.ts'
import type { Palette } from './palette.ts'
import { plainText } from './plain-text.ts'

export interface Mark {
  /** Stands before the text; plain, painted by `paint`. */
  label: string
  paint: (text: string) => string
  /** What is done to the record it answers to: "builds on", "verifies" … */
  verb: string
  /** Plain text, one line. */
  text: string
  body: (line: string) => string
  /** The record it hangs below. */
  parent?: RecordId
  /** Always names its parent, even right below it. */
  quotes?: boolean
}

const BAR = 5

/** Undefined: bookkeeping that people need not see (admissions, acknowledgements, checkpoints …). */
export function drawRecord({ op }: Rec, palette: Palette): Mark | undefined {
  const mark = (
    label: string,
    paint: (text: string) => string,
    verb: string,
    text: string,
    rest?: Partial<Mark>,
  ): Mark => ({
    label,
    paint,
    verb,
    text: plainText(text),
    body: line => line,
    ...rest,
  })
  const { accent, good, bad, warn, quiet, strong } = palette
  switch (op.k) {
    case 'broadcast':
      return mark('asks:', accent, 'asks', op.query, { body: strong })
    case 'capability_match':
      return mark(`${bar(op.confidence)} ${op.confidence.toFixed(2)}`, accent, 'offers help', op.offer)
    case 'proposal':
      return mark('●', accent, 'proposes', op.content)
    case 'build_on':
      return mark('↳', accent, 'builds on', op.content, below(op.parent))
    case 'verify':
      return drawVerdict(op, palette, mark)
    case 'concern':
      return mark('!', warn, 'has a concern about', op.content, below(op.parent))
    case 'need':
      return mark('?', warn, 'needs help with', op.content, below(op.parent))
    case 'fact':
      return mark('▪', quiet, 'states', op.text ?? `${op.s} ${op.p} ${asText(op.o)}`)
    case 'hyp':
      return mark('~', quiet, 'supposes', op.text)
    case 'conflict':
      return mark('⚡', warn, 'sees a conflict', op.why ?? 'these contradict each other', {
        ...below(op.a[0]),
        quotes: true,
      })
    case 'gap':
      return mark('∅', warn, 'misses', op.text)
    case 'solved':
      return mark('✔', good, 'has solved', op.problem)
    case 'task':
      return mark('▷', accent, 'gives out', op.content, below(op.for))
    case 'result':
      return mark('◀', good, 'delivers', op.content, below(op.task))
    case 'refuse':
      return mark('–', quiet, 'declines', op.why, below(op.for))
    case 'failure':
      return mark('✗', bad, 'failed at', op.why, below(op.task))
    case 'retract':
      return mark('⌫', quiet, 'takes back', '', { parent: op.of, quotes: true })
    case 'cancel':
      return mark('■', warn, 'cancels', op.why ?? 'the question is cancelled')
    case 'synthesis':
      return mark('◆', good, 'concludes', conclusionOf(op), { body: strong })
    case 'artifact':
      return mark('▤', quiet, 'shares', op.name)
    case 'msg':
      return mark('“', quiet, 'says', op.text, below(op.re))
    default:
      return undefined
  }
}

const below = (parent: RecordId | undefined): Partial<Mark> => (parent === undefined ? {} : { parent })

function drawVerdict(
  op: Op<'verify'>,
  { good, bad, quiet }: Palette,
  mark: (label: string, paint: Palette['good'], verb: string, text: string, rest: Partial<Mark>) => Mark,
): Mark {
  const rest = { parent: op.of, quotes: true, body: quiet }
  if (op.v === 1) return mark('✓', good, 'verifies', '', rest) // how it was found again is in --json
  if (op.v === -1) return mark('✗', bad, 'refutes', op.why ?? '', { ...rest, body: bad })
  return mark('○', quiet, 'withdraws a judgement on', op.why ?? '', rest)
}

function conclusionOf({ claims, partial }: Op<'synthesis'>): string {
  const references = new Set(claims.flatMap(claim => claim.references))
  return `concludes${partial ? ' in part' : ''}, resting on ${count(references.size, 'record')}`
}

function bar(confidence: number): string {
  const full = Math.round(confidence * BAR)
  return '▰'.repeat(full) + '▱'.repeat(BAR - full)
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
