/** Who is there: waiting until a peer that has just joined knows the agents of its mesh. */
import type { Peer } from '@amp-mesh/peer'
import { type AgentCard, sleep } from '@amp-mesh/protocol'

export interface RollCall {
  /** True once those who matter are there. Default: as soon as somebody is there and nobody new came for a moment. */
  enough?: (agents: readonly AgentCard[]) => boolean
  /** Give up waiting after this, ms. */
  deadlineMs: number
  /** Called when somebody new came. */
  onArrival?: (agents: readonly AgentCard[]) => void
  signal: AbortSignal
}

const LOOK_MS = 50
/** Cards come in one message a neighbour: a pause this long means that all of them are in. */
const QUIET_MS = 300

/** The agents known when it was enough, or at the deadline. Rejects when the signal aborts. */
export async function rollCall(peer: Peer, { enough, deadlineMs, onArrival, signal }: RollCall): Promise<AgentCard[]> {
  let agents: AgentCard[] = []
  let quietMs = 0
  for (let waited = 0; ; waited += LOOK_MS) {
    const now = agentsKnownTo(peer)
    quietMs = now.length === agents.length ? quietMs + LOOK_MS : 0
    if (now.length !== agents.length) onArrival?.(now)
    agents = now
    const done = enough === undefined ? agents.length > 0 && quietMs >= QUIET_MS : enough(agents)
    if (done || waited >= deadlineMs) return agents
    await sleep(peer.clock, LOOK_MS, signal)
  }
}

/** Agents that others could be asked for: not those that have left. */
function agentsKnownTo(peer: Peer): AgentCard[] {
  return peer.peers().flatMap(({ agents }) => agents.filter(card => card.state !== 'gone'))
}
