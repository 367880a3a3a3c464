/** A crowd from the addresses of one network, against a peer that has few places: others still get in (B1, B7). */
import { connect, type Socket } from 'node:net'
import { Keeper, type NodeNetwork, systemClock, systemRandom } from '@amp-mesh/peer/node'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../../../until.ts'
import { isOver, portOf } from './stranger.ts'
import { addressOf, silent, testNetwork } from './test-network.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map(cleanup => cleanup()))
})

async function started(init: Parameters<typeof testNetwork>[0]): Promise<NodeNetwork> {
  const network = await testNetwork(init)
  await network.start()
  cleanups.push(() => network.stop())
  return network
}

const from = (ip: string) => started({ host: ip, dialFrom: ip })

describe('[G4.crowd] a crowd of one network', () => {
  it('that holds all connections gives one up for a peer of another, which keeps it', async () => {
    const victim = await started({ limits: { connections: 12 } })
    const crowd = await Promise.all([1, 2, 3, 4].map(n => from(`127.0.1.${n}`)))
    for (const each of crowd) await each.connect(addressOf(victim))
    const late = await from('127.0.1.9')
    await expect(late.connect(addressOf(victim))).rejects.toMatchObject({ code: 'unreachable' })

    const honest = await from('127.0.2.1')
    await honest.connect(addressOf(victim))
    await eventually(() => victim.peers().includes(honest.self) && victim.peers().length === crowd.length)
    expect(victim.peers()).toContain(crowd[0]?.self)
    await expect(late.connect(addressOf(victim))).rejects.toMatchObject({ code: 'unreachable' })
    expect(victim.peers()).toContain(honest.self)
  })

  it('that surrounds a peer is not all that one knows: it dials others that it hears of', async () => {
    const victim = await started({})
    const others = await Promise.all([2, 3].map(n => from(`127.0.${n}.1`)))
    const crowd = await Promise.all(Array.from({ length: 8 }, (_, n) => from(`127.0.1.${n + 1}`)))
    for (const each of crowd) await each.connect(addressOf(victim))
    await eventually(() => victim.peers().length === crowd.length)
    for (const each of others) victim.remember(each.self, [addressOf(each)])

    const world = { clock: systemClock, random: systemRandom, logger: silent }
    const keeper = new Keeper({ ...world, network: victim, bootstrap: () => [] })
    const ending = new AbortController()
    cleanups.push(() => ending.abort())
    void keeper.run(ending.signal)
    await eventually(() => others.every(({ self }) => victim.peers().includes(self)))
  })

  it('that holds all sockets keeps nobody of another out', async () => {
    const victim = await started({ limits: { sockets: 6 } })
    const crowd = Array.from({ length: 12 }, (_, n) => openFrom(`127.0.1.${n + 1}`, portOf(addressOf(victim))))
    await eventually(() => crowd.filter(isOver).length === 6)
    const honest = await from('127.0.2.1')
    await honest.connect(addressOf(victim))
    await eventually(() => victim.peers().includes(honest.self))
    await eventually(() => crowd.filter(isOver).length === 7)
  })
})

function openFrom(localAddress: string, port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port, localAddress })
  cleanups.push(() => socket.destroy())
  return socket.on('error', () => {}).resume()
}
