/** Questions to the routing are answered within bounds, and a crowd's are not answered in others' place. */
import type { NodeNetwork } from '@amp-mesh/peer/node'
import { TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import { peerIdFromString } from '@libp2p/peer-id'
import { afterEach, describe, expect, it } from 'vitest'
import { LookupRation } from '../../../../packages/peer/src/network/lookup-ration.ts'
import { addressOf, testNetwork } from './test-network.ts'

const { lookupsPerSecond } = TRANSPORT_LIMITS
const KEY = new Uint8Array(32).fill(7)
/** Below the streams that one peer may have open at another: what is refused is so for the ration. */
const AT_ONCE = 20

/** How many of `times` questions are answered at `now`. */
const answered = (ration: LookupRation, network: string, { now, times }: { now: number; times: number }) =>
  Array.from({ length: times }, () => ration.take(network, now)).filter(Boolean).length

describe('a ration of answers', () => {
  it('gives one network half of what there is, however much it asks, and all of it again a second later', () => {
    const ration = new LookupRation()
    expect(answered(ration, 'crowd', { now: 0, times: 10_000 })).toBe(lookupsPerSecond / 2)
    expect(answered(ration, 'crowd', { now: 999, times: 10 })).toBe(0)
    expect(answered(ration, 'honest', { now: 999, times: 10 })).toBe(10)
    expect(answered(ration, 'crowd', { now: 1_000, times: 10_000 })).toBe(lookupsPerSecond / 2)
  })

  it('is shared evenly by those who asked lately', () => {
    const ration = new LookupRation()
    for (const network of ['a', 'b', 'c']) ration.take(network, 0)
    expect(answered(ration, 'd', { now: 1_000, times: 10_000 })).toBe(lookupsPerSecond / 4)
    for (const network of ['a', 'b', 'c'])
      expect(answered(ration, network, { now: 1_500, times: 10_000 })).toBe(lookupsPerSecond / 4)
    expect(answered(ration, 'late', { now: 1_500, times: 10 })).toBe(0)
    expect(answered(ration, 'd', { now: 9_000, times: 10_000 })).toBe(lookupsPerSecond / 2)
  })
})

describe('a peer', () => {
  const started: NodeNetwork[] = []
  afterEach(() => Promise.all(started.splice(0).map(network => network.stop())))

  async function from(ip: string): Promise<NodeNetwork> {
    const network = await testNetwork({ host: ip, dialFrom: ip })
    await network.start()
    started.push(network)
    return network
  }

  it('[G4.rate] that is asked more than it answers stays there for peers of other networks', async () => {
    const victim = await from('127.0.0.1')
    const [sybil, honest] = [await from('127.0.1.1'), await from('127.0.2.1')]
    for (const each of [sybil, honest]) await each.connect(addressOf(victim))
    const started = performance.now()
    let answers = 0
    for (let n = 0; n < 3 * lookupsPerSecond; n += AT_ONCE) {
      const asked = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => sybil.nearer(victim.self, KEY)))
      answers += asked.filter(({ status }) => status === 'fulfilled').length
    }
    const windows = Math.floor((performance.now() - started) / 1_000) + 2
    expect(answers).toBeLessThanOrEqual((windows * lookupsPerSecond) / 2)
    expect(sybil.peers()).toContain(victim.self)
    expect(await honest.nearer(victim.self, KEY)).toContain(sybil.self)
  })

  it('[G4.rate] keeps nothing for strangers and names no providers', async () => {
    const [victim, stranger] = [await from('127.0.0.1'), await from('127.0.1.1')]
    await stranger.connect(addressOf(victim))
    const { network } = stranger.node.services.dht
    const path = { index: -1, queued: 0, running: 0, total: 0 }
    for (const type of ['GET_VALUE', 'PUT_VALUE', 'GET_PROVIDERS', 'ADD_PROVIDER'] as const) {
      // the interface of the seam knows the one kind that we ask with
      const request = { type: type as string as 'FIND_NODE', key: KEY }
      const options = { signal: AbortSignal.timeout(3_000), path }
      const events = await Array.fromAsync(
        network.sendRequest(peerIdFromString(victim.self), request, options),
        ({ name }) => name,
      )
      expect([type, events.includes('PEER_RESPONSE')]).toEqual([type, false])
    }
  })
})
