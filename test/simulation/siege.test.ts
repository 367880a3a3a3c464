/** Members of whom one has two honest neighbours among forty that say to hold what others do, and never give it. */
import type { Op } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { type Member, ReplicaNetwork } from './replica-network.ts'
import { genesisBytes, identity } from './space.ts'

const [HONEST, FRIENDS, CROWD] = [12, 2, 40]
/** Each pretender is linked to the besieged one, and to one in so many of the others. */
const OTHERS = 5
const BEAT_MS = 1_000

const fact = (o: number): Op => ({ k: 'fact', s: 's', p: 'p', o })

/** All know each other and have spoken; then most are kept from the first one, and the crowd comes. */
async function siege() {
  const writers = Array.from({ length: HONEST }, (_, n) => identity(n))
  const net = new ReplicaNetwork(genesisBytes({ open: false, writers }))
  for (const own of writers) await net.join(own)
  const [besieged, ...others] = net.members as [Member, ...Member[]]
  net.partition(net.members)
  for (const member of net.members) await net.say(member, fact(0))
  await net.clock.advance(BEAT_MS)
  for (const far of others.slice(FRIENDS)) net.link(besieged, far, false)
  for (let n = 0; n < CROWD; n++)
    net.pretend(identity(100 + n).peerId, [besieged, ...others.filter((_, i) => (i + n) % OTHERS === 0)])
  await net.clock.advance(BEAT_MS)
  return { net, besieged, others }
}

it('[G4.crowd] one among twenty times as many pretenders is heard, and hears, within two seconds', async () => {
  const { net, besieged, others } = await siege()
  const missing: number[] = []
  for (let n = 1; n <= 8; n++) {
    const speaker = n % 2 === 0 ? besieged : (others[(7 * n) % others.length] as Member)
    await net.say(speaker, fact(n))
    await net.clock.advance(2 * BEAT_MS)
    missing.push(...net.members.flatMap(({ replica }) => HONEST + n - replica.records.of('fact').length || []))
  }
  expect(missing).toEqual([])
})
