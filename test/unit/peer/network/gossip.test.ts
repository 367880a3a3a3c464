/** RELIABILITY.md F4, F5: gossip among many peers behind one address, and what invalid messages cost. */
import crypto from 'node:crypto'
import type { NodeNetwork } from '@amp-mesh/peer/node'
import { type GossipSub, TopicValidatorResult } from '@libp2p/gossipsub'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { eventually } from '../../../until.ts'
import { type PlainNode, plainNode } from './plain-network.ts'
import { addressOf, TOPIC, testNetwork } from './test-network.ts'

/** Below it gossipsub no longer listens to a peer at all. */
const GRAYLIST = -80
const PEERS = 24

const running: { stop(): void | Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(each => each.stop()))
})

async function started(accept: Parameters<NodeNetwork['subscribe']>[1] = () => 'accept'): Promise<NodeNetwork> {
  const network = await testNetwork()
  network.subscribe(TOPIC, accept)
  await network.start()
  running.push(network)
  return network
}

/** What gossipsub thinks of a peer. The published interface leaves it out. */
const scoreOf = (gossip: GossipSub, peer: string) => (gossip as GossipSub & Scores).score.score(peer)
interface Scores {
  score: { score(peer: string): number }
  /** Messages it keeps, and who passed them on. */
  mcache: { observeDuplicate(id: string, from: string): void }
}

describe('F4: 24 peers behind one address', () => {
  it('fall silent with the defaults of gossipsub', async () => {
    const options = { connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 100 } }
    const star = await Promise.all(Array.from({ length: PEERS }, () => plainNode(options)))
    running.push(...star)
    const [hub, ...leaves] = star as [PlainNode, ...PlainNode[]]
    for (const leaf of leaves) await leaf.dial(hub.getMultiaddrs())
    const { gossip } = hub.services
    await eventually(() => gossip.getPeers().length === PEERS - 1)
    await eventually(() => leaves.every(leaf => scoreOf(gossip, leaf.peerId.toString()) < GRAYLIST))
  })

  it('hear each other with ours', async () => {
    const heard = new Map<string, Set<string>>()
    const create = async (name: string) => {
      const from = new Set<string>()
      heard.set(name, from)
      return started((_bytes, peer) => {
        from.add(peer)
        return 'accept'
      })
    }
    const hub = await create('hub')
    const leaves = await Promise.all(Array.from({ length: PEERS - 1 }, (_, index) => create(`leaf ${index}`)))
    // one after the other, and again where a busy machine missed the deadline or lost one, as the keeper does
    const connect = (leaf: NodeNetwork) => leaf.connect(addressOf(hub)).catch(() => undefined)
    await eventually(async () => {
      for (const leaf of leaves) if (!hub.peers().includes(leaf.self)) await connect(leaf)
      return hub.peers().length === PEERS - 1
    })
    await eventually(() => leaves.every(leaf => leaf.node.services.gossip.getSubscribers(TOPIC).length > 0))
    await eventually(() => hub.node.services.gossip.getSubscribers(TOPIC).length === PEERS - 1)
    await Promise.all(leaves.map((leaf, index) => leaf.publish(TOPIC, new Uint8Array(10 + index))))
    await eventually(() => heard.get('hub')?.size === PEERS - 1)
    expect(leaves.every(leaf => scoreOf(hub.node.services.gossip, leaf.self) >= 0)).toBe(true)
  })
})

describe('a message that all neighbours pass on', () => {
  it('has its signature verified by each who hears it, and not again for the copies that come', async () => {
    let heard = 0
    const hear = () => {
      heard += 1
      return 'accept' as const
    }
    const everybody = await Promise.all(Array.from({ length: 5 }, () => started(hear)))
    for (const [n, one] of everybody.entries())
      for (const other of everybody.slice(n + 1)) await one.connect(addressOf(other))
    const [author, ...hearers] = everybody as [NodeNetwork, ...NodeNetwork[]]
    const copies = hearers.map(({ node }) =>
      vi.spyOn((node.services.gossip as GossipSub & Scores).mcache, 'observeDuplicate'),
    )
    const verify = vi.spyOn(crypto, 'verify')
    await eventually(() => author.node.services.gossip.getSubscribers(TOPIC).length === hearers.length)
    let told = 0
    const copied = () => copies.flatMap(({ mock }) => mock.calls).length
    await eventually(async () => {
      await author.publish(TOPIC, Uint8Array.of(++told & 255, told >> 8))
      return copied() > 20
    })
    await eventually(() => heard === told * hearers.length)
    const isGossip = ([, signed]: Parameters<typeof crypto.verify>) => Buffer.from(signed as Buffer).includes(TOPIC)
    // a copy that comes while the first is being verified is not known yet
    const unknown = copied() / 5
    const verified = verify.mock.calls.filter(isGossip).length
    expect(verified).toBeGreaterThanOrEqual(heard)
    expect(verified).toBeLessThanOrEqual(heard + unknown)
    verify.mockRestore()
  })
})

describe('F5: a peer that sends invalid messages', () => {
  it('loses its score, and is heard no more', async () => {
    const rejected = new Map<string, number>()
    const judge = await started((_bytes, from) => {
      rejected.set(from, (rejected.get(from) ?? 0) + 1)
      return 'reject'
    })
    const join = async () => {
      const network = await started(() => 'reject') // who passed the lies on would be judged like the liar
      await network.connect(addressOf(judge))
      await eventually(() => network.node.services.gossip.getSubscribers(TOPIC).length > 0)
      return network
    }
    const [liar, witness] = [await join(), await join()]
    const heardOf = (network: NodeNetwork) => rejected.get(network.self) ?? 0
    let sent = 0
    const lie = async () => {
      sent += 1
      await liar.publish(TOPIC, Uint8Array.of(sent & 255, sent >> 8))
    }
    await eventually(async () => {
      await lie()
      return scoreOf(judge.node.services.gossip, liar.self) < GRAYLIST
    })
    // gossipsub trusts a peer that was good for up to 128 messages or a second; then silence
    const flood = 600
    for (let i = 0; i < flood; i++) {
      await lie()
      if (i % 20 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    await witness.publish(TOPIC, Uint8Array.of(0))
    await eventually(() => heardOf(witness) === 1)
    expect(heardOf(liar)).toBeLessThan(flood / 2)
  })

  it('costs nothing with the defaults of gossipsub', async () => {
    const [judge, liar] = [await plainNode(), await plainNode()]
    running.push(judge, liar)
    let rejected = 0
    judge.services.gossip.topicValidators.set(TOPIC, () => {
      rejected += 1
      return TopicValidatorResult.Reject
    })
    judge.services.gossip.subscribe(TOPIC)
    await liar.dial(judge.getMultiaddrs())
    await eventually(() => liar.services.gossip.getSubscribers(TOPIC).length > 0)
    for (let sent = 0; rejected < 50; sent++) {
      await liar.services.gossip.publish(TOPIC, Uint8Array.of(sent & 255, sent >> 8))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(scoreOf(judge.services.gossip, liar.peerId.toString())).toBe(0)
  })
})
