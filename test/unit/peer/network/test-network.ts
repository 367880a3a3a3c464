/** Real networks on loopback for tests. */
import { type NodeNetwork, type NodeNetworkInit, nodeNetwork, systemRandom } from '@amp-mesh/peer/node'
import type { Logger } from '@amp-mesh/protocol'
import { onTestFinished } from 'vitest'

export const TOPIC = 'amp-mesh/testtesttest/cards'
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Not started. Dials and listens on loopback only. */
export const testNetwork = (init: Partial<NodeNetworkInit> = {}): Promise<NodeNetwork> =>
  nodeNetwork({ mesh: 'testtesttest', topics: [TOPIC], seed: systemRandom.bytes(32), logger: silent, ...init })

/** Stopped at the end of the test. */
export async function startedNetwork(init: Partial<NodeNetworkInit> = {}): Promise<NodeNetwork> {
  const network = await testNetwork(init)
  await network.start()
  onTestFinished(() => network.stop())
  return network
}

/** The first address, as others dial it. */
export function addressOf(network: NodeNetwork): string {
  const [address] = network.addresses()
  if (address === undefined) throw new Error('the network does not listen')
  return address
}
