/** Two peers on real connections and disks, for stories of messages between their agents. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, type NodePeer } from '@amp-mesh/peer/node'
import { type AgentId, agentIdOf } from '@amp-mesh/protocol'
import { onTestFinished } from 'vitest'
import { until } from '../../../until.ts'

export interface TwoPeers {
  anna: NodePeer
  ben: NodePeer
  /** An agent of ben's. */
  clerk: AgentId
  /** Stops ben, and starts him again on his disk. */
  restartBen(): Promise<NodePeer>
}

export async function twoPeers(): Promise<TwoPeers> {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-delivery-'))
  const start = (name: string, addresses: string[] = []) => createPeer({ name, mesh: 'post', dataDir, join: addresses })
  const anna = await start('anna')
  let ben = await start('ben', anna.addresses())
  const linked = () => anna.peers().some(({ id, state }) => id === ben.identity.peerId && state === 'reachable')
  onTestFinished(async () => {
    await Promise.all([anna.stop(), ben.stop()])
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  })
  await until('they are linked', linked)
  return {
    anna,
    get ben() {
      return ben
    },
    clerk: agentIdOf(ben.identity.peerId, 'clerk'),
    async restartBen() {
      await ben.stop()
      ben = await start('ben', anna.addresses())
      return ben
    },
  }
}
