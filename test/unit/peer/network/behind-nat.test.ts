/** A peer on Node that nobody can call: it is met through relays, and left to itself speaks past them. */
import { describe, expect, it } from 'vitest'
import { eventually } from '../../../until.ts'
import { addressOf, startedNetwork } from './test-network.ts'

const PROTOCOL = '/amp-mesh/testtesttest/echo/1.0.0'

type Network = Awaited<ReturnType<typeof startedNetwork>>

/** Has a place at the relay, and answers what it hears. */
async function behindNat(relay: Network) {
  const network = await startedNetwork({ behindNat: { stun: [] } })
  network.handle(PROTOCOL, 8, async stream => {
    for await (const chunk of stream.incoming()) stream.send(chunk)
  })
  await network.connect(addressOf(relay))
  await eventually(() => network.addresses().length === 2)
  return network
}

async function echo(from: Network, to: Network): Promise<string> {
  const stream = await from.open(to.self, PROTOCOL)
  stream.send(new TextEncoder().encode('hello'))
  for await (const chunk of stream.incoming()) {
    stream.abort(new Error('done'))
    return new TextDecoder().decode(chunk)
  }
  return 'nothing'
}

describe('a peer behind NAT', () => {
  it('tells others its places at relays only, and its own machine where it listens', async () => {
    const peer = await behindNat(await startedNetwork())
    for (const address of peer.addresses()) expect(address).toContain('/p2p-circuit')
    expect(peer.addresses()[0]).toContain('/webrtc/')
    expect(peer.localAddresses()).toEqual([expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/12D3/)])
  })

  it('is nobody’s relay, and serves no DHT', async () => {
    const peer = await behindNat(await startedNetwork())
    expect(peer.node.getProtocols().filter(name => /hop|kad/.test(name))).toEqual([])
  })

  it('calls back who called it through a relay and listens', async () => {
    const relay = await startedNetwork()
    const peer = await behindNat(relay)
    const caller = await startedNetwork()
    caller.remember(peer.self, peer.addresses())
    expect(await echo(caller, peer)).toBe('hello')
    await eventually(() => caller.transport(peer.self) === 'websocket')
    expect(await echo(caller, peer)).toBe('hello')
  })

  it('leaves a relay it was called through, whoever wanted no more than that', async () => {
    const relay = await startedNetwork()
    const [ann, ben] = [await behindNat(relay), await behindNat(relay)]
    await ann.connect(ben.addresses().find(address => !address.includes('/webrtc')) ?? '')
    expect(ann.transport(ben.self)).toBe('relay')
    await eventually(() => ann.transport(ben.self) === 'webrtc')
  })

  it('leaves the relay for WebRTC with another behind NAT, and goes on when the relay is gone', async () => {
    const relay = await startedNetwork()
    const [ann, ben] = [await behindNat(relay), await behindNat(relay)]
    ann.remember(ben.self, ben.addresses())
    expect(await echo(ann, ben)).toBe('hello')
    await eventually(() => ann.transport(ben.self) === 'webrtc' && ben.transport(ann.self) === 'webrtc')
    await relay.stop()
    expect(await echo(ann, ben)).toBe('hello')
    expect(await echo(ben, ann)).toBe('hello')
  })
})
