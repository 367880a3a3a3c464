/** The network port's suite on both of its implementations. */

import { systemRandom } from '@amp-mesh/peer/node'
import { identityFromSeed } from '@amp-mesh/protocol'
import { MemorySwitchboard } from '../../../../packages/peer/src/memory-network.ts'
import { networkCompliance } from '../../../compliance/network.ts'
import { TOPIC, testNetwork } from './test-network.ts'

networkCompliance('libp2p on real sockets', { create: () => testNetwork(), topic: TOPIC })

const board = new MemorySwitchboard()
networkCompliance('switchboard in memory', {
  create: async () => board.network(identityFromSeed(systemRandom.bytes(32)).peerId),
  topic: TOPIC,
})
