/** `amp-mesh invite` and `amp-mesh revoke`, with real keys and peers behind them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, invite, localPeers, type NodePeer, type PeerInit, revoke, rotate } from '@amp-mesh/peer/node'
import { publicKeyOf } from '@amp-mesh/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { runProgram } from '../../../packages/cli/src/program.ts'
import { until } from '../../until.ts'
import { fakeWorld } from './fake-world.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'amp-invite-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function start(init: PeerInit): Promise<NodePeer> {
  const peer = await createPeer(init)
  onTestFinished(() => peer.stop())
  return peer
}

const world = () => fakeWorld({ parts: { createPeer, invite, revoke, rotate, localPeers } })

it('[G10.once] prints one line that lets somebody in, and takes them out again', async () => {
  const home = await folder()
  const ada = await start({ name: 'ada', mesh: 'club', dataDir: home, closed: true })
  const inviting = world()
  expect(await runProgram(['invite', '--mesh', 'club', '--data-dir', home, '--expires', '1h'], inviting)).toBe(0)
  expect(inviting.out()).toMatch(/^[\w-]{200,}\n$/)
  expect(inviting.err()).toContain('as member, once, until')

  const bob = await start({ name: 'bob', dataDir: await folder(), invitation: inviting.out() })
  const isIn = (one: NodePeer, other: NodePeer) =>
    one.peers().some(({ id, state }) => id === other.identity.peerId && state === 'reachable')
  await until('they know each other', () => isIn(ada, bob) && isIn(bob, ada))

  const revoking = world()
  const order = ['revoke', bob.identity.peerId, '--mesh', 'club', '--data-dir', home, '--json']
  expect(await runProgram(order, revoking)).toBe(0)
  expect(JSON.parse(revoking.out())).toMatchObject({ type: 'revoked', told: true, peers: [bob.identity.peerId] })
  await until('bob is out', () => !isIn(ada, bob) && !isIn(bob, ada))
})

it('[G10.rotation] gives the mesh a new key where it was founded, three times at most', async () => {
  const home = await folder()
  await (await start({ name: 'ada', mesh: 'club', dataDir: home, closed: true })).stop()
  const rotate = async (...more: string[]) => {
    const rotating = world()
    const code = await runProgram(['rotate', '--mesh', 'club', '--data-dir', home, ...more], rotating)
    return { code, said: rotating.out(), remarks: rotating.err() }
  }
  expect((await rotate()).remarks).toMatch(/amp-mesh revoke 12D3KooW\w+ --mesh club/)
  const second = JSON.parse((await rotate('--json')).said)
  const third = JSON.parse((await rotate('--json')).said)
  expect(publicKeyOf(third.before)).toBe(second.key)
  expect((await rotate()).code).not.toBe(0)
  await start({ name: 'ada', mesh: 'club', dataDir: home })
})

it('says what to do where there is nothing to invite into, and for a time that is none', async () => {
  const home = await folder()
  await start({ name: 'ada', mesh: 'open', dataDir: home })
  const open = world()
  expect(await runProgram(['invite', '--mesh', 'open', '--data-dir', home], open)).toBe(2)
  expect(open.err()).toContain('--closed')
  const nowhere = world()
  expect(await runProgram(['revoke', 'x', '--mesh', 'none', '--data-dir', home], nowhere)).toBe(2)
  expect(nowhere.err()).toContain('--mesh')
  expect(await runProgram(['invite', '--expires', 'soon'], world())).toBe(2)
})

it('keeps an open mesh on this machine, and closes one that others can reach', async () => {
  const home = await folder()
  await start({ name: 'ada', mesh: 'open', dataDir: home })
  await expect(start({ name: 'bob', mesh: 'open', dataDir: home, listen: '0.0.0.0' })).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('--invitation'),
  })
  const cleo = await start({ name: 'cleo', mesh: 'reachable', dataDir: home, listen: '0.0.0.0' })
  expect(cleo.mesh.file.closed).toBe(true)
  await expect(
    start({ name: 'dan', mesh: cleo.mesh.file, dataDir: await folder(), listen: '0.0.0.0' }),
  ).rejects.toMatchObject({ code: 'not-allowed', message: expect.stringContaining('amp-mesh invite') })
})
