/** `amp-mesh space <id> query x=… …`: records by pattern or by neighbourhood, with who said and who verified them. */
import { AmpError, type Json, type Known, type Pattern, type Status } from '@amp-mesh/protocol'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { tellKnown } from '../../render/known.ts'
import { plainText } from '../../render/plain-text.ts'
import type { StoredSpace } from '../../stored-space.ts'
import type { World } from '../../world.ts'
import { graphOf } from './graph.ts'
import { kindsIn } from './kinds.ts'

const KEYS = ['s', 'p', 'o', 'kind', 'status', 'by', 'near', 'hops'] as const
type Key = (typeof KEYS)[number]

export async function query(
  space: StoredSpace,
  words: string[],
  _options: object,
  { terminal }: World,
): Promise<ExitCode> {
  const { near, hops, ...pattern } = wishesIn(words)
  const graph = graphOf(space)
  const fitting = await graph.query(patternOf(pattern))
  const found: readonly Known[] =
    near === undefined ? fitting : within(await graph.around(near, Number(hops ?? 1)), fitting)
  for (const known of found) tellKnown(known, terminal)
  if (found.length === 0) terminal.remark('Nothing fits.')
  return EXIT.ok
}

/** What lies near, in order of its distance, if it fits as well. */
function within<T extends Known>(near: readonly T[], fitting: readonly Known[]): T[] {
  const ids = new Set(fitting.map(({ record }) => record.id))
  return near.filter(({ record }) => ids.has(record.id))
}

function wishesIn(words: readonly string[]): Partial<Record<Key, string>> {
  const wishes: Partial<Record<Key, string>> = {}
  for (const word of words) {
    const [, name, value] = /^([a-z]+)=(.*)$/s.exec(word) ?? []
    const key = KEYS.find(each => each === name)
    if (key === undefined || value === undefined)
      throw new AmpError('bad-input', `“${plainText(word)}” is none of ${KEYS.map(each => `${each}=…`).join(' ')}`)
    wishes[key] = value
  }
  return wishes
}

function patternOf({ s, p, o, kind, status, by }: Partial<Record<Key, string>>): Pattern {
  return {
    ...(s !== undefined && { s }),
    ...(p !== undefined && { p }),
    ...(o !== undefined && { o: jsonOf(o) }),
    ...(kind !== undefined && { kind: kindsIn(kind) }),
    ...(status !== undefined && { status: status.split(',') as Status[] }),
    ...(by !== undefined && { by }),
  }
}

/** `310`, `true` and `{"a": 1}` are JSON, everything else is text. */
function jsonOf(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
