/** Who is there: peers with their agents, as the page lists them. */
import type { PeerInfo } from '@amp-mesh/peer'
import { type AgentCard, type AgentId, type PeerId, parseAgentId } from '@amp-mesh/protocol'
import { legible } from './legible.ts'
import { shortPeer } from './voice.ts'

export interface Person {
  readonly peer: PeerId
  readonly short: string
  readonly state: PeerInfo['state']
  /** How we are connected, in a word; empty when we are not. */
  readonly transport: string
  readonly rttMs: number | undefined
  readonly agents: readonly AgentEntry[]
}

export interface AgentEntry {
  readonly id: AgentId
  readonly name: string
  readonly about: string
  readonly capabilities: readonly string[]
  readonly state: AgentCard['state']
  /** Who runs it, and what thinks in it. */
  readonly origin: string
}

const ORDER: readonly PeerInfo['state'][] = ['reachable', 'suspected', 'known', 'gone']
/** Drawn, at most; the rest is counted. */
export const MOST_PEOPLE = 100
const MOST_CAPABILITIES = 16

const TRANSPORTS = { webrtc: 'WebRTC', relay: 'through a relay', websocket: 'WebSocket', tcp: 'TCP' } as const

/** Those who answer first; within, those with agents, by name. */
export function personsOf(peers: readonly PeerInfo[]): Person[] {
  return peers
    .map(personOf)
    .sort(
      (a, b) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        Number(b.agents.length > 0) - Number(a.agents.length > 0) ||
        sortName(a).localeCompare(sortName(b)),
    )
}

function personOf({ id, state, agents, rttMs, transport }: PeerInfo): Person {
  return {
    peer: id,
    short: shortPeer(id),
    state,
    transport: transport === undefined ? '' : TRANSPORTS[transport],
    rttMs: rttMs === undefined ? undefined : Math.max(1, Math.round(rttMs)),
    agents: agents.filter(card => card.state !== 'gone').map(agentEntry),
  }
}

function agentEntry(card: AgentCard): AgentEntry {
  const { operator, model } = card
  const { name } = parseAgentId(card.agent)
  const untold = ['', 'none', 'unstated', name]
  const told = [operator, model].map(word => legible(word, 64)).filter(word => !untold.includes(word))
  return {
    id: card.agent,
    name,
    about: legible(card.description ?? ''),
    capabilities: card.capabilities.slice(0, MOST_CAPABILITIES).map(({ text }) => legible(text)),
    state: card.state,
    origin: [...new Set(told)].join(', '),
  }
}

const sortName = ({ agents, short }: Person): string => agents[0]?.name ?? short
