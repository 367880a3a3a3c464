/** Two peers in two homes, each behind its router: they meet at a relay, get through both, and go on without it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PeerInit } from '@amp-mesh/peer/node'
import { expect, it, onTestFinished } from 'vitest'
import { program } from '../program.ts'
import { until } from '../until.ts'
import type { NatOrder, NatReport } from './nat-member.ts'
import { Namespaces, whyNoNat } from './network-namespaces.ts'
import { Person } from './person.ts'

const PROGRAM = program(new URL('./nat-member.ts', import.meta.url))
const STUN_PORT = 3478
const why = whyNoNat()

type Member = Person<NatOrder, NatReport>

/** How a peer reaches another. */
const way = (from: Member, to: string) => from.last('ways')?.ways.find(([peer]) => peer === to)?.[1]

it.skipIf(why !== undefined)(
  `peers behind two NATs answer each other directly${why === undefined ? '' : ` (${why})`}`,
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'amp-nat-'))
    const network = await Namespaces.create()
    onTestFinished(async () => {
      network.stop()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
    })
    const start = async (name: string, init: Partial<PeerInit>, behindNat: boolean) => {
      const member: Member = new Person(await network.start(PROGRAM, [], { behindNat }))
      const { address } = member.member
      const where: Partial<PeerInit> = behindNat ? {} : { listen: `${address}:4001` }
      member.tell({
        do: 'start',
        init: { name, mesh: 'homes', closed: true, dataDir, ...where, ...init },
        ...(!behindNat && { stunAt: [address, STUN_PORT] }),
      })
      return { member, ...(await member.hears('ready')) }
    }
    const rita = await start('rita', {}, false)
    const home = { join: rita.addresses, stun: [`${rita.member.member.address}:${STUN_PORT}`] }
    const anna = await start('anna', home, true)
    const ben = await start('ben', home, true)
    const ask = (query: string) => {
      ben.member.tell({ do: 'ask', query })
      return ben.member.hears('answered')
    }
    const knowsAnna = () => ben.member.last('ways')?.ways.some(([peer]) => peer === anna.peer)
    await until('ben knows anna', () => knowsAnna() === true)
    expect(await ask("what is the weather at anna's home?")).toMatchObject({ outcome: 'concluded', peers: 1 })
    await until('they are linked past the relay', () =>
      [way(anna.member, ben.peer), way(ben.member, anna.peer)].every(each => each === 'webrtc'),
    )

    rita.member.member.process.kill('SIGKILL')
    expect(await ask("does it rain at anna's home?")).toMatchObject({ outcome: 'concluded', peers: 1 })
    expect(way(ben.member, anna.peer)).toBe('webrtc')
  },
)
