/** A closed mesh: members come in by invitation, strangers learn nothing, who is taken out is cut off everywhere. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, invite, type NodePeer, type PeerInit, revoke } from '@amp-mesh/peer/node'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../until.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'amp-closed-'))
  cleanups.push(() => rm(path, { recursive: true, force: true }))
  return path
}

async function start(init: PeerInit): Promise<NodePeer> {
  const peer = await createPeer(init)
  cleanups.push(() => peer.stop())
  return peer
}

const knows = (peer: NodePeer, other: NodePeer) =>
  peer.peers().some(({ id, state }) => id === other.identity.peerId && state === 'reachable')

describe('a closed mesh', () => {
  it('[G10.once] [G10.revoke] lets in who was invited, with their peers, and cuts off whom it takes out', async () => {
    const home = await folder()
    const ada = await start({ name: 'ada', mesh: 'club', dataDir: home, closed: true })
    const { text, invitation } = await invite({ mesh: 'club', dataDir: home })

    const away = await folder()
    const bob = await start({ name: 'bob', dataDir: away, invitation: text })
    await until('ada and bob know each other', () => knows(ada, bob) && knows(bob, ada))
    const second = await start({ name: 'second', mesh: 'club', dataDir: away, join: ada.addresses() })
    await until('another peer of bob’s user is in', () => knows(ada, second))

    await expect(start({ name: 'eve', dataDir: await folder(), invitation: text })).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await expect(start({ name: 'eve', dataDir: await folder(), join: ada.addresses() })).rejects.toMatchObject({
      code: 'not-allowed',
      message: expect.stringContaining('amp-mesh invite'),
    })

    const { serials } = await revoke(bob.identity.peerId, { mesh: 'club', dataDir: home })
    expect(serials).toEqual([invitation.serial])
    await start({ name: 'messenger', mesh: 'club', dataDir: home, join: ada.addresses() })
    const isOut = (peer: NodePeer) => !knows(ada, peer) && !knows(peer, ada)
    await until('bob and his are cut off', () => isOut(bob) && isOut(second))
  })
})
