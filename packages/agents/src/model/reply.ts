/** What a model answered, read with care: a small model rarely keeps to the form it was asked for. */
import { SPACE_LIMITS, type Verdict } from '@amp-mesh/protocol'
import { cut } from '../wording.ts'

export interface Reply {
  proposal?: string
  buildOns: { to: number; text: string }[]
}

/** A reply to "propose and build on". Text that is no JSON object counts as the proposal. */
export function readReply(text: string): Reply {
  const value = objectIn(text)
  if (value === undefined) return { ...said(text), buildOns: [] }
  const buildOns = Array.isArray(value.build_on) ? value.build_on : []
  return {
    ...said(value.proposal),
    buildOns: buildOns.flatMap((item: unknown) => {
      if (typeof item !== 'object' || item === null) return []
      const { to, text: words } = item as { to?: unknown; text?: unknown }
      return Number.isInteger(to) && isSaying(words) ? [{ to: to as number, text: sayable(words) }] : []
    }),
  }
}

/** A verdict; undefined when the answer is none. */
export function readVerdict(text: string): Verdict | undefined {
  const value = objectIn(text)
  const v = value?.v
  if (v !== 1 && v !== -1 && v !== 0) return undefined
  return { v, ...(isSaying(value?.why) && { why: sayable(value.why) }) }
}

/** The JSON object in an answer, also where a model wraps it in a code fence or in chat. */
function objectIn(text: string): Record<string, unknown> | undefined {
  const from = text.indexOf('{')
  const to = text.lastIndexOf('}')
  if (from < 0 || to < from) return undefined
  try {
    return JSON.parse(text.slice(from, to + 1)) as Record<string, unknown>
  } catch {
    return undefined
  }
}

const said = (value: unknown): { proposal?: string } => (isSaying(value) ? { proposal: sayable(value) } : {})

const isSaying = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

/** Half of what a record's text may hold: the rest of its op needs room, and nobody reads more. */
const sayable = (text: string) => cut(text.trim(), SPACE_LIMITS.string / 2)
