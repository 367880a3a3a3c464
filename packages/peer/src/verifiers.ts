/** Who verifies in a new space: the founder and the best-fitting reachable peers, of as many operators as there are. */
import { type AgentCard, type Genesis, LEDGER_LIMITS, type PeerId, parseAgentId, publicKeyOf } from '@amp-mesh/protocol'

type Verifier = Genesis['verifiers'][number]

/** A peer that only asks thinks nothing itself: its own domain, which no agent shares. */
const asker = (pub: string): Verifier => ({ pub, operator: '', model: 'none' })

/**
 * Pure. `ranked`: cards that fit the question, best first. Peers are taken in order of fit, first one of each
 * operator/model pair, then the rest, until the genesis is full.
 */
export function chooseVerifiers(
  founder: string,
  ranked: readonly AgentCard[],
  reachable: ReadonlySet<PeerId>,
): Verifier[] {
  const fitting = new Map<PeerId, Verifier>()
  for (const { agent, operator, model } of ranked) {
    const { peer } = parseAgentId(agent)
    if (!reachable.has(peer) || fitting.has(peer) || publicKeyOf(peer) === founder) continue
    fitting.set(peer, { pub: publicKeyOf(peer), operator, model })
  }
  const domains = new Set<string>()
  const firsts: Verifier[] = []
  const others: Verifier[] = []
  for (const verifier of fitting.values()) {
    const domain = `${verifier.operator}/${verifier.model}`
    if (domains.has(domain)) others.push(verifier)
    else firsts.push(verifier)
    domains.add(domain)
  }
  return [asker(founder), ...firsts, ...others].slice(0, LEDGER_LIMITS.verifiers)
}
