/** Two peers of one mesh for plain clients to talk to; on the second live the agents of seed 004's example. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Host, hostAgents } from '@amp-mesh/agents'
import { createPeer, type NodePeer, type PeerInit } from '@amp-mesh/peer/node'
import type { Agent } from '@amp-mesh/protocol'
import { until } from '../until.ts'

export interface Travel {
  readonly desk: NodePeer
  readonly office: NodePeer
  close(): Promise<void>
}

/** Offers for trips, proposes once, and builds on what others propose. */
const expert = (name: string, text: string, confidence: number): Agent => ({
  name,
  capabilities: [{ text }],
  offer: ({ query }) => (/travel|trip/i.test(query) ? { confidence, offer: `I can handle ${name}` } : undefined),
  async contribute({ knowledge, say, self }) {
    await say.propose(`${name}: two options for the trip`)
    for (const proposal of knowledge.of('proposal'))
      if (knowledge.speaker(proposal) !== self) await say.buildOn(proposal.id, `${name} fits in with that`)
  },
})

/** Offers for trains, and has nothing to say before a guest built on something; then it builds on that. */
const clerk: Agent = {
  name: 'clerk',
  capabilities: [{ text: 'check what others say about trains' }],
  offer: ({ query }) => (/train/i.test(query) ? { confidence: 0.5, offer: 'I check it' } : undefined),
  async contribute({ knowledge, say }) {
    await until('a guest builds on something', () => knowledge.of('build_on').length > 0)
    for (const idea of knowledge.of('build_on')) if (idea.op.via !== undefined) await say.buildOn(idea.id, 'That runs')
  },
}

export async function travel(init: Partial<PeerInit> = {}): Promise<Travel> {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-gateway-'))
  const desk = await createPeer({ name: 'desk', mesh: 'travel', dataDir, ...init })
  const office = await createPeer({ name: 'office', mesh: 'travel', dataDir, join: desk.addresses(), ...init })
  const host: Host = await hostAgents(office, [
    expert('flights', 'book flights to any city', 0.95),
    expert('hotels', 'book hotel rooms for a trip', 0.9),
    clerk,
  ])
  await until('the desk knows them', () => desk.peers().some(({ agents }) => agents.length === 3))
  return {
    desk,
    office,
    async close() {
      await host.close()
      await Promise.allSettled([desk.stop(), office.stop()])
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
