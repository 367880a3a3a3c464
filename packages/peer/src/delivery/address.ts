/** Addresses: an agent by its id, or whoever can do something, in words. */
import type { Candidate, FindOptions } from '@amp-mesh/discovery'
import { type AgentId, AmpError } from '@amp-mesh/protocol'

export type Address = AgentId | Capability

export interface Capability {
  /** What the agent must be able to do, in words. */
  readonly capability: string
  /** Agents at most (default 1). */
  readonly limit?: number
  /** 0..1: whoever fits less is left out (default: as `find` has it). */
  readonly minConfidence?: number
}

/** Those that fit best, best first. Rejects with `no-agents` when there are none, or with the signal's reason. */
export async function agentsAt(
  { capability, limit = 1, minConfidence }: Capability,
  find: (text: string, options: FindOptions) => AsyncIterable<Candidate>,
  signal: AbortSignal,
): Promise<AgentId[]> {
  const found: Candidate[] = []
  const options = { limit, signal, ...(minConfidence !== undefined && { minScore: minConfidence }) }
  for await (const candidate of find(capability, options)) found.push(candidate)
  signal.throwIfAborted()
  if (found.length === 0) throw new AmpError('no-agents', `no agent that is known can do this: ${capability}`)
  return found.sort((a, b) => b.score - a.score).map(({ agent }) => agent)
}
