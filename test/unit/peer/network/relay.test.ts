/** Peers that cannot listen are reached through others: a place is held for them, within bounds. */
import { randomBytes } from 'node:crypto'
import { systemClock } from '@amp-mesh/peer/node'
import { webSockets } from '@libp2p/websockets'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Libp2pNetwork } from '../../../../packages/peer/src/network/libp2p-network.ts'
import { createNode } from '../../../../packages/peer/src/network/libp2p-node.ts'
import { relayTransport } from '../../../../packages/peer/src/network/relay-transport.ts'
import { eventually } from '../../../until.ts'
import { addressOf, silent, startedNetwork, TOPIC, testNetwork } from './test-network.ts'

const PROTOCOL = '/amp-mesh/testtesttest/echo/1.0.0'

/** A peer like a tab: it dials, and asks for a place wherever it is connected. */
async function hidden() {
  const topics = [TOPIC]
  const node = await createNode({
    mesh: 'testtesttest',
    seed: randomBytes(32),
    transports: [webSockets(), relayTransport()],
    listen: ['/p2p-circuit'],
    topics,
    clock: systemClock,
    dhtClient: true,
  })
  const network = new Libp2pNetwork(node, silent, topics)
  await network.start()
  onTestFinished(() => network.stop())
  return network
}

describe('a peer on Node as a relay', () => {
  it('carries the streams of others to who cannot listen', async () => {
    const relay = await startedNetwork()
    const far = await hidden()
    await far.connect(addressOf(relay))
    await eventually(() => far.addresses().some(address => address.includes('/p2p-circuit/')))
    far.handle(PROTOCOL, 1, async stream => {
      for await (const chunk of stream.incoming()) stream.send(chunk)
    })

    const other = await startedNetwork()
    other.remember(far.self, far.addresses())
    const stream = await other.open(far.self, PROTOCOL)
    stream.send(new TextEncoder().encode('hello'))
    for await (const chunk of stream.incoming()) {
      expect(new TextDecoder().decode(chunk)).toBe('hello')
      break
    }
    expect(other.node.getConnections().map(({ direct }) => direct)).toContain(false)
    stream.abort(new Error('done'))
  })

  it('comes back: a place is asked for again where a relay was away', async () => {
    const seed = randomBytes(32)
    const relay = await testNetwork({ seed })
    await relay.start()
    const port = relay.front.port ?? 0
    const far = await hidden()
    await far.connect(addressOf(relay))
    const reachable = () => far.addresses().some(address => address.includes('/p2p-circuit/'))
    await eventually(reachable)
    await relay.stop()
    await eventually(() => !reachable())
    await expect(far.connect(`127.0.0.1:${port}`)).rejects.toThrow('nobody answers')

    const again = await startedNetwork({ seed, port })
    await far.connect(addressOf(again))
    await eventually(reachable)
  })

  it('takes no calls through relays itself: nobody makes it listen elsewhere', async () => {
    const network = await startedNetwork()
    expect(network.node.getProtocols().filter(protocol => protocol.includes('circuit'))).toEqual([
      '/libp2p/circuit/relay/0.2.0/hop',
    ])
  })
})
