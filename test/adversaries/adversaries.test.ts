/** A small share of `npm run adversaries`, in one process: a few Sybils hold on to one of two peers, and flood it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, type NodePeer } from '@amp-mesh/peer/node'
import { expect, it, onTestFinished } from 'vitest'
import { portOf } from '../unit/peer/network/stranger.ts'
import { testNetwork } from '../unit/peer/network/test-network.ts'
import { until } from '../until.ts'
import { ATTACKS, type Attack } from './attacks.ts'
import { Sockets } from './sockets.ts'
import { Sybil } from './sybil.ts'

const SYBILS = 4
const BLOWS = 40

async function start(name: string, dataDir: string, join: string[]): Promise<NodePeer> {
  const peer = await createPeer({ name, mesh: 'besieged', dataDir, join })
  onTestFinished(() => peer.stop())
  return peer
}

const words = (peer: NodePeer) => peer.commons.replica.records.of('fact').length
const say = (peer: NodePeer, o: string) => peer.commons.replica.append([{ k: 'fact', s: 'word', p: 'said', o }])

it('[G4.crowd] words and newcomers reach a peer that Sybils surround and flood', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amp-sybils-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const friend = await start('friend', folder, [])
  const victim = await start('victim', folder, friend.addresses())
  const [address = ''] = victim.addresses()
  const sockets = new Sockets({ host: '127.0.0.1', port: portOf(address) })
  onTestFinished(() => sockets.close())
  const sybils = await Promise.all(
    Array.from({ length: SYBILS }, (_, n) => Sybil.start(victim.mesh, `127.0.1.${n + 1}`, [address])),
  )
  for (const sybil of sybils) onTestFinished(() => sybil.stop())
  await until('they surround it', () => {
    for (const sybil of sybils) sybil.hold()
    return sybils.every(({ neighbours }) => neighbours.includes(victim.identity.peerId))
  })

  const attacks: Attack[] = Object.values(ATTACKS)
  const space = victim.commons.id
  for (const { unit, strike } of attacks) {
    const struck = Array.from({ length: BLOWS }, (_, n) => strike(sybils[n % SYBILS] as Sybil, { sockets, space, n }))
    expect(struck.filter(bytes => bytes !== undefined).length, unit).toBeGreaterThanOrEqual(BLOWS / 2)
    await say(friend, unit)
    await until('the victim hears it', () => words(victim) === words(friend))
    await say(victim, unit)
    await until('the friend hears it', () => words(friend) === words(victim))
  }
  const newcomer = await testNetwork({ host: '127.0.2.1', dialFrom: '127.0.2.1' })
  await newcomer.start()
  onTestFinished(() => newcomer.stop())
  expect(await newcomer.connect(address)).toBe(victim.identity.peerId)
  expect(words(victim)).toBe(2 * attacks.length)
})
