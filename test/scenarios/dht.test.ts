/** Peers on real sockets find each other's agents in the index of the DHT, where no gossip has told them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer } from '@amp-mesh/peer/node'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'

const agent = (name: string, text: string) => ({
  name,
  capabilities: [{ text }],
  operator: 'test',
  model: 'none',
  state: 'ready' as const,
})

it('[P4.find] an agent is found in the DHT, with what it took, and no more once it is gone', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-dht-'))
  const first = await createPeer({ name: 'ada', mesh: 'dht', dataDir })
  const address = first.addresses().slice(0, 1)
  const others = await Promise.all(
    ['bob', 'carol', 'dave'].map(name => createPeer({ name, mesh: 'dht', dataDir, join: address })),
  )
  onTestFinished(async () => {
    await Promise.all([first, ...others].map(peer => peer.stop()))
    await rm(dataDir, { recursive: true, force: true })
  })
  const [bob, carol] = others as [typeof first, typeof first]
  await bob.announce([agent('hotels', 'Books hotels in any city'), agent('tides', 'Tells the tides of every harbour')])
  await until('bob’s cards are published', () => bob.published.cards >= 2 && bob.published.waiting === 0)
  const cost = { lookups: 0, messages: 0, bytes: 0 }
  const search = (text: string) => Array.fromAsync(carol.find(text, { in: 'dht', cost }))
  await until('carol finds the hotels', async () => (await search('book a hotel in Rome')).length > 0)
  const [found] = await search('when is high tide in the harbour?')
  expect(found).toMatchObject({ via: 'dht', peer: bob.identity.peerId, capability: 'Tells the tides of every harbour' })
  expect(['tid', 'harbour', 'high']).toContain(found?.key) // stems
  expect(cost.lookups).toBeGreaterThan(0)
  expect(cost.messages).toBeGreaterThan(0)
  await bob.announce([])
  await until('nobody offers hotels any more', async () => (await search('book a hotel in Rome')).length === 0)
})
