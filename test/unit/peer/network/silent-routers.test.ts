/** RELIABILITY.md F14: peers that take part in the routing and never answer. Both kinds of peers are asked at once. */
import { Routes } from '@amp-mesh/discovery'
import { systemClock } from '@amp-mesh/peer/node'
import type { Libp2p } from '@libp2p/interface'
import { afterEach, expect, it } from 'vitest'
import { eventually } from '../../../until.ts'
import { PLAIN_KAD, plainRouter } from './plain-network.ts'
import { addressOf, testNetwork } from './test-network.ts'

const PEERS = 7
const SILENT = 3
const KEY = new TextEncoder().encode('amp-mesh/testtesttest/word/harbour')

const running: { stop(): void | Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(each => each.stop()))
})

/** It accepts a request and says nothing, for ever. */
async function silence(node: Pick<Libp2p, 'unhandle' | 'handle'>, protocol: string): Promise<void> {
  await node.unhandle(protocol)
  await node.handle(protocol, () => {}, { maxInboundStreams: 100 })
}

it('[G7.search] silent routers keep a lookup of plain libp2p waiting, and not ours (F14)', async () => {
  const plain = await Promise.all(Array.from({ length: PEERS }, () => plainRouter()))
  const ours = await Promise.all(Array.from({ length: PEERS }, () => testNetwork()))
  running.push(...plain, ...ours)
  for (const network of ours) await network.start()
  const [asker, ...routers] = plain as [(typeof plain)[number], ...typeof plain]
  const [network, ...others] = ours as [(typeof ours)[number], ...typeof ours]
  for (const router of routers.slice(0, SILENT)) await silence(router, PLAIN_KAD)
  for (const other of others.slice(0, SILENT)) await silence(other.node, '/amp-mesh/testtesttest/kad/1.0.0')
  // again where a busy machine missed the deadline, as the keeper does
  for (const router of routers) await eventually(() => asker.dial(router.getMultiaddrs()).then(Boolean, () => false))
  for (const other of others) await eventually(() => network.connect(addressOf(other)).then(Boolean, () => false))
  await eventually(() => asker.services.dht.routingTable.size === PEERS - 1)
  await eventually(() => network.near(KEY, PEERS).length === PEERS - 1)

  const stop = new AbortController()
  let plainEnded = false
  void Array.fromAsync(asker.services.dht.getClosestPeers(KEY, { signal: stop.signal }))
    .catch(() => [])
    .then(() => {
      plainEnded = true
    })
  const lookup = async () => {
    const routes = new Routes({
      self: network.self,
      isRouted: true,
      clock: systemClock,
      near: (key, count) => network.near(key, count),
      nearer: (peer, key, signal) => network.nearer(peer, key, signal),
    })
    return (await routes.to(KEY, stop.signal)).peers.length
  }
  const found = await lookup()
  expect(plainEnded).toBe(false)
  // again where a busy machine missed the deadline: whoever is late counts as silent
  if (found < PEERS - SILENT) await eventually(async () => (await lookup()) >= PEERS - SILENT)
  stop.abort()
})
