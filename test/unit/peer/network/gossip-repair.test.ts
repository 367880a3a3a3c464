/** RELIABILITY.md F6: what was gossiped while two peers were apart. Nobody redials here but the test. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composePeer, type Peer } from '@amp-mesh/peer'
import { type NodeNetwork, nodeParts } from '@amp-mesh/peer/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually, until } from '../../../until.ts'
import { plainNode } from './plain-network.ts'
import { silent, TOPIC } from './test-network.ts'

describe('F6: what is said while two peers are apart', () => {
  it('is lost to plain gossipsub', async () => {
    const [speaker, listener] = [await plainNode(), await plainNode()]
    onTestFinished(() => Promise.all([speaker.stop(), listener.stop()]).then(() => {}))
    const heard: number[] = []
    listener.services.gossip.subscribe(TOPIC)
    listener.services.gossip.addEventListener('message', ({ detail }) => heard.push(detail.data[0] ?? 0))
    const { gossip } = speaker.services
    const together = async () => {
      await listener.dial(speaker.getMultiaddrs())
      await eventually(() => gossip.getSubscribers(TOPIC).length === 1)
    }
    // it also loses what is said before its streams stand: said until it is heard
    const says = (n: number) =>
      until(`${n} is heard`, async () => {
        await gossip.publish(TOPIC, Uint8Array.of(n))
        return heard.includes(n)
      })
    await together()
    await says(1)
    await listener.hangUp(speaker.peerId)
    await eventually(() => gossip.getSubscribers(TOPIC).length === 0)
    for (const n of [2, 3, 4]) await gossip.publish(TOPIC, Uint8Array.of(n))
    await together()
    await says(5)
    expect(new Set(heard)).toEqual(new Set([1, 5]))
  })

  it('[G3.directory] is repaired in ours: cards by digests, records by the ledger', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'amp-apart-'))
    const [ada, bob] = [await alone('ada', dataDir), await alone('bob', dataDir)]
    onTestFinished(async () => {
      await Promise.all([ada.peer.stop(), bob.peer.stop()])
      await rm(dataDir, { recursive: true, force: true })
    })
    const meet = () => bob.network.connect(ada.peer.addresses()[0] ?? '')
    const knows = (name: string) =>
      bob.peer.peers().some(({ agents }) => agents.some(({ agent }) => agent.endsWith(name)))
    const holds = (title: string) => bob.peer.commons.replica.records.of('fact').some(({ op }) => op.o === title)
    await meet()
    await announce(ada.peer, 'first')
    await eventually(() => knows('first'))

    await bob.network.disconnect(ada.network.self)
    await eventually(() => [ada, bob].every(({ peer }) => peer.peers().every(({ state }) => state !== 'reachable')))
    await announce(ada.peer, 'second')
    await ada.peer.commons.replica.append([{ k: 'fact', s: 'gossip', p: 'said', o: 'while apart' }])
    expect([knows('second'), holds('while apart')]).toEqual([false, false])
    await meet()
    await eventually(() => knows('second') && holds('while apart'))
  })
})

const announce = (peer: Peer, ...names: string[]) =>
  peer.announce(
    names.map(name => ({ name, capabilities: [{ text: name }], operator: '', model: '', state: 'ready' as const })),
  )

/** A whole peer, without the keeper that would hold its connections. */
async function alone(name: string, dataDir: string): Promise<{ peer: Peer; network: NodeNetwork }> {
  const parts = await nodeParts({ name, mesh: 'apart', dataDir, logger: silent })
  const peer = await composePeer({ ...parts, keep() {}, started() {} })
  return { peer, network: parts.network }
}
