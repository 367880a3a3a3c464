/** A queue group: one of several agents gets the message, another if the first cannot be reached. */
import { type AgentId, AmpError, type Clock, DELIVERY_LIMITS, sleep } from '@amp-mesh/protocol'
import type { Receipt } from './receipt.ts'

/**
 * Tries the agents in order. The next one gets it only when it was withdrawn from the one before without ever having
 * been sent there, which is durable together with the new letter: at no time is there a second copy that could take
 * effect. So a message that was sent stays with its agent, though that may be gone for now.
 */
export async function sendToOneOf(
  agents: readonly AgentId[],
  send: (agent: AgentId, withdrawal: AbortSignal) => Receipt,
  clock: Clock,
): Promise<Receipt> {
  const [agent, ...others] = agents
  if (agent === undefined) throw new AmpError('no-agents', 'no agent that fits can be reached')
  const withdrawal = new AbortController()
  const receipt = send(agent, withdrawal.signal)
  if (others.length === 0) return receipt
  const sent = receipt.sent.catch(() => undefined)
  await Promise.race([sent, sleep(clock, DELIVERY_LIMITS.reachMs)])
  withdrawal.abort()
  return receipt.state === 'failed' ? sendToOneOf(others, send, clock) : receipt
}
