/** A closed mesh whose key is changed: nobody is locked out, and once the old key is taken back it grants nothing. */
import { invite, revoke, rotate } from '@amp-mesh/peer/node'
import { expect, it } from 'vitest'
import { until } from '../until.ts'
import { folder, knows, start } from './closed-peers.ts'

const MESH = 'club'
it('[G10.rotation] a new key takes over: who is in stays, invitations too; the old one ends when revoked', async () => {
  const [home, bobs, eves] = [await folder(), await folder(), await folder()]
  const at = { mesh: MESH, dataDir: home }
  const before = await start({ name: 'ada', ...at, closed: true })
  for (const [name, dataDir] of Object.entries({ bob: bobs, eve: eves })) {
    const member = await start({ name, dataDir, invitation: (await invite(at)).text })
    await until(`${name} is in`, () => knows(before, member))
    await member.stop()
  }
  const open = await invite(at)
  const unused = await invite(at)
  await before.stop()

  const rotated = await rotate(at)
  const ada = await start({ name: 'ada', ...at })
  const join = ada.addresses()
  const bob = await start({ name: 'bob', mesh: MESH, dataDir: bobs, join }) // certified by the new key now
  const carl = await start({ name: 'carl', dataDir: await folder(), invitation: open.text, join })
  await until('all are in', () => knows(ada, bob) && knows(ada, carl) && knows(bob, carl))

  await revoke(rotated.before, at)
  await start({ name: 'messenger', ...at, join })
  await until('the rest is still in', () => knows(ada, bob) && knows(ada, carl) && knows(bob, carl))
  const refused = { code: 'not-allowed' }
  await expect(start({ name: 'eve', mesh: MESH, dataDir: eves, join })).rejects.toMatchObject(refused)
  await expect(start({ name: 'eve', mesh: MESH, dataDir: eves, join: bob.addresses() })).rejects.toMatchObject(refused)
  const late = { name: 'dora', dataDir: await folder(), invitation: unused.text, join }
  await expect(start(late)).rejects.toMatchObject(refused)
})
