/** How many independent minds stand behind a verdict. */
import type { Genesis, PublicKey } from '@amp-mesh/protocol'

/** Distinct operator/model pairs among these verifiers: those that share both fail together. */
export function domainsOf(genesis: Genesis, voters: Iterable<PublicKey>): number {
  const keys = new Set(voters)
  const behind = genesis.verifiers.filter(({ pub }) => keys.has(pub))
  return new Set(behind.map(({ operator, model }) => JSON.stringify([operator, model]))).size
}
