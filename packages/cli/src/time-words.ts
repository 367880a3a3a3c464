/** Points in time as people write them on a command line. */
import { AmpError } from '@amp-mesh/protocol'
import { plainText } from './render/plain-text.ts'

/** What the words are relative to, ms since the epoch. */
export interface TimeFrame {
  readonly now: number
  /** When the question was asked. */
  readonly start: number
}

export const TIME_HELP = 'now, "5m ago", +3.2s (after the question), 14:03:07.250 (its day), 2026-11-21T14:03:07Z'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const WORDS = new RegExp(
  [
    '\\s*(?:',
    '(?<now>now)|',
    '(?<ago>\\d+(?:\\.\\d+)?)\\s*(?<agoUnit>ms|s|m|h|d)\\s+ago|',
    '\\+(?<after>\\d+(?:\\.\\d+)?)\\s*(?<afterUnit>ms|s|m|h|d)?|',
    '(?<iso>\\d{4}-\\d\\d-\\d\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d\\d:\\d\\d)?)?)|',
    '(?<clock>\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?)',
    ')(?=\\s|$)',
  ].join(''),
  'y',
)

/** The times that `words` name, in their order, ms since the epoch. Throws `bad-input`. */
export function timesIn(words: readonly string[], frame: TimeFrame): number[] {
  const text = words.join(' ').trim()
  const times: number[] = []
  for (let at = 0; at < text.length; at = WORDS.lastIndex) {
    WORDS.lastIndex = at
    const match = WORDS.exec(text)
    const time = match === null ? Number.NaN : timeOf(match.groups ?? {}, frame)
    if (Number.isNaN(time))
      throw new AmpError('bad-input', `“${plainText(text.slice(at))}” is no time. Times are: ${TIME_HELP}.`)
    times.push(time)
  }
  return times
}

/** The one time that `words` name. Throws `bad-input`. */
export function timeIn(words: readonly string[], frame: TimeFrame): number {
  const [time, another] = timesIn(words, frame)
  if (time === undefined || another !== undefined)
    throw new AmpError('bad-input', `One time is needed here, e.g. ${TIME_HELP}.`)
  return time
}

function timeOf(words: { [name: string]: string | undefined }, { now, start }: TimeFrame): number {
  const { ago, agoUnit = '', after, afterUnit = 's', iso, clock } = words
  if (words.now !== undefined) return now
  if (ago !== undefined) return now - Number(ago) * (UNITS[agoUnit] ?? Number.NaN)
  if (after !== undefined) return start + Number(after) * (UNITS[afterUnit] ?? Number.NaN)
  if (iso !== undefined) return Date.parse(iso.replace(' ', 'T'))
  return Date.parse(`${localDay(start)}T${clock}`)
}

/** `2026-11-21` as a clock on the wall says it. */
function localDay(time: number): string {
  const date = new Date(time)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(part => String(part).padStart(2, '0')).join('-')
}
