/** A closed mesh: members come in by invitation, strangers learn nothing, who is taken out is cut off everywhere. */
import { invite, type NodePeer, revoke } from '@amp-mesh/peer/node'
import { describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { folder, knows, start } from './closed-peers.ts'

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
