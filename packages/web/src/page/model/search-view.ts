/** A search for agents: whom it found, why them, and what it took, in words. */
import type { Preferred, SearchCost } from '@amp-mesh/discovery'
import { type AgentCard, type AgentId, parseAgentId } from '@amp-mesh/protocol'
import { legible } from './legible.ts'
import { shortPeer } from './voice.ts'

export interface SearchView {
  readonly words: string
  readonly state: 'looking' | 'done'
  /** The most preferred first. */
  readonly found: readonly FoundAgent[]
  /** What it took so far. */
  readonly took: string
}

export interface FoundAgent {
  readonly id: AgentId
  readonly name: string
  /** Where it lives, in short. */
  readonly peer: string
  readonly state: AgentCard['state']
  /** What it can do that fits best. */
  readonly capability: string
  /** 0..1. */
  readonly fit: number
  /** What its place rests on, and by which way it was found: a sentence each. */
  readonly why: readonly string[]
}

export interface Effort extends Readonly<SearchCost> {
  readonly ms: number
}

export function searchView(
  words: string,
  state: SearchView['state'],
  found: readonly Preferred[],
  effort: Effort,
): SearchView {
  return { words: legible(words, 200), state, found: found.map(foundAgent), took: effortInWords(effort) }
}

function foundAgent({ candidate, parts }: Preferred): FoundAgent {
  const { agent, peer, card, capability, similarity, words, acquaintance = {} } = candidate
  const { reputation, rttMs } = acquaintance
  return {
    id: agent,
    name: parseAgentId(agent).name,
    peer: shortPeer(peer),
    state: card.state,
    capability: legible(capability),
    fit: parts.fit,
    why: [
      `It fits by ${percent(parts.fit)}: by meaning ${percent(similarity)}, by its words ${percent(words)}.`,
      reputation === undefined
        ? 'Nobody here has worked with it yet.'
        : `Its reputation here, from earlier questions, is ${percent(reputation)}: ${times(parts.reputation)}.`,
      ...(card.state === 'busy' ? [`It is busy: ${times(parts.load)}.`] : []),
      ...(rttMs === undefined
        ? []
        : [`It answers within ${Math.max(1, Math.round(rttMs))} ms: ${times(parts.latency)}.`]),
      ...(card.cost === undefined ? [] : [`What it costs beside the others: ${times(parts.cost)}.`]),
      wayOf(candidate),
    ],
  }
}

function wayOf({ via, key }: Preferred['candidate']): string {
  if (via === 'directory') return 'This tab knew of it already.'
  return key === undefined ? 'Found in the DHT.' : `Found in the DHT, under “${legible(key, 80)}”.`
}

function effortInWords({ lookups, messages, bytes, ms }: Effort): string {
  const asked = lookups === 0 ? 'nobody was asked' : `${messages} messages to the DHT, ${(bytes / 1_000).toFixed(1)} kB`
  return `${asked}, ${(ms / 1_000).toFixed(1)} s`
}

const percent = (share: number): string => `${Math.round(share * 100)} %`
const times = (factor: number): string => `× ${factor.toFixed(2)}`
