/** What of a card gets a vector of its own: the card as a whole, and groups of its capabilities. */
import { type AgentCard, type Capability, DISCOVERY_LIMITS, parseAgentId } from '@amp-mesh/protocol'
import { SMALL_PRINT } from './small-print.ts'

export interface Passage {
  readonly text: string
  /** Positions of the capabilities it speaks of. */
  readonly capabilities: readonly number[]
}

/**
 * First the whole card; a card of several capabilities has further passages, each of one capability or, where there
 * are more than fit, of neighbours. A name belongs to each: many say there what they are about.
 */
export function passagesOf({ agent, description, capabilities }: AgentCard): Passage[] {
  const { name } = parseAgentId(agent)
  const whole = passage([name, description ?? ''], capabilities, 0)
  if (capabilities.length === 1) return [whole]
  const each = Math.ceil(capabilities.length / (DISCOVERY_LIMITS.passagesPerCard - 1))
  const passages = [whole]
  for (let from = 0; from < capabilities.length; from += each)
    passages.push(passage([name], capabilities.slice(from, from + each), from))
  return passages
}

function passage(heading: readonly string[], capabilities: readonly Capability[], from: number): Passage {
  const large = [...heading, ...capabilities.map(({ text }) => text)]
  const small = capabilities.flatMap(smallPrintOf)
  const text = large.join('\n') + (small.length === 0 ? '' : SMALL_PRINT + small.join('\n'))
  return { text, capabilities: capabilities.map((_, i) => from + i) }
}

/** Words around a capability: they show what it takes and how it is asked for, and are not all about it. */
export const smallPrintOf = ({ parameters, tags, examples }: Capability): string[] => [
  ...(parameters === undefined ? [] : [parameters]),
  ...(tags ?? []),
  ...(examples ?? []),
]
