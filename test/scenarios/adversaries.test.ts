/**
 * Honest peers among many Sybils that censor, flood and surround: what the honest say reaches all of them (RELIABILITY
 * B1, B4, B7). Run by `npm run repeat -- adversaries`, 20 against 80: it needs a machine of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ComposedPeer, composePeer } from '@amp-mesh/peer'
import { Keeper, type NodeNetwork, nodeNetwork, nodeParts, seedFromFile, systemRandom } from '@amp-mesh/peer/node'
import { meshLabel } from '@amp-mesh/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topicsOf } from '../../packages/peer/src/protocols.ts'
import { silent } from '../unit/peer/network/test-network.ts'
import { until } from '../until.ts'
import { Sybil } from './adversaries/sybil.ts'

const isWhole = process.env.AMP_REPEAT !== undefined
/** `fans`: honest neighbours that the victim is told of, so that attackers are `sybils / fans` to one there. */
const SIZE = { honest: 20, sybils: 80, fans: 4, idle: 1_000 }
const WORDS = 10
const DELIVERY_MS = 10_000
const DIAL_MS = 1_000

interface Honest {
  readonly peer: ComposedPeer
  readonly network: NodeNetwork
  readonly address: string
}

describe.skipIf(!isWhole)(`${SIZE.honest} honest peers among ${SIZE.sybils} Sybils`, () => {
  let folder: string
  const honest: Honest[] = []
  const sybils: Sybil[] = []
  const idle: Socket[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amp-sybils-'))
    for (let n = 0; n < SIZE.honest; n++) honest.push(await start(n))
    const [victim] = honest as [Honest, ...Honest[]]
    for (let n = 0; n < SIZE.sybils; n++) {
      const others = honest.filter((_, i) => i > 0 && (i + n) % 5 === 0).map(({ address }) => address)
      const { mesh } = victim.peer
      sybils.push(await Sybil.start(mesh, `127.0.1.${n + 1}`, [victim.address, ...others]))
    }
  }, 600_000)
  afterAll(async () => {
    for (const socket of idle) socket.destroy()
    await Promise.all(sybils.map(each => each.stop()))
    await Promise.all(honest.map(({ peer }) => peer.stop()))
    await rm(folder, { recursive: true, force: true })
  })

  /** On a loopback address of its own, which nobody has on a list; the first one is the victim. */
  async function start(n: number): Promise<Honest> {
    const parts = await nodeParts({ name: `honest-${n}`, mesh: 'besieged', dataDir: folder })
    const { mesh, clock, random, logger } = parts
    const ip = `127.0.2.${n + 1}`
    const place = { host: ip, dialFrom: ip, mesh: meshLabel(mesh.id), topics: topicsOf(mesh), logger: silent }
    const seed = await seedFromFile(join(parts.folder, 'key'), random)
    const network = await nodeNetwork({ ...place, seed })
    const known = n === 0 ? [] : n <= SIZE.fans ? honest.slice(0, 1) : honest.slice(1, 4)
    const keeper = new Keeper({ network, bootstrap: () => known.map(({ address }) => address), clock, random, logger })
    const ended = new AbortController()
    const peer = await composePeer({
      ...parts,
      network,
      keep: other => keeper.want(other),
      started: failed => void keeper.run(ended.signal, failed),
      close: async () => {
        ended.abort()
        await parts.close()
      },
    })
    peer.onInvitation(invitation => void invitation.join())
    return { peer, network, address: network.addresses()[0] ?? '' }
  }

  /** ms that a newcomer at an honest address of its own took to reach the victim. */
  async function dial(n: number, address: string): Promise<number> {
    const ip = `127.0.3.${n + 1}`
    const [seed, place] = [systemRandom.bytes(32), { host: ip, dialFrom: ip, mesh: 'newcomer', topics: [] }]
    const network = await nodeNetwork({ ...place, seed, logger: silent })
    await network.start()
    try {
      const from = performance.now()
      await network.connect(address)
      return performance.now() - from
    } finally {
      await network.stop()
    }
  }

  /** Connections that say nothing, from an attacker's address; how many were opened at all. */
  async function openIdle(port: number): Promise<number> {
    const opened = Array.from({ length: SIZE.idle }, async (_, n) => {
      const socket = connect({ host: '127.0.2.1', port, localAddress: `127.0.1.${200 + (n % 40)}` })
      idle.push(socket)
      socket.on('error', () => {})
      return new Promise<number>(resolve => {
        socket.once('connect', () => resolve(1))
        socket.once('close', () => resolve(0))
      })
    })
    return (await Promise.all(opened)).reduce((sum, one) => sum + one, 0)
  }

  it('hear all that one of them says, and let newcomers in', { timeout: 600_000 }, async () => {
    const [victim] = honest as [Honest, ...Honest[]]
    const ids = honest.map(({ peer }) => peer.identity.peerId)
    const space = await victim.peer.createSpace({ name: 'besieged', members: ids })
    await space.replica.append([{ k: 'broadcast', query: 'who can hear this?' }])
    const holds = (facts: number) =>
      honest.every(each => each.peer.space(space.id)?.replica.records.of('fact').length === facts)
    await until('all are in the space', () => holds(0), 120_000)
    const surrounded = victim.network.peers().filter(peer => !ids.includes(peer)).length

    for (const sybil of sybils) sybil.flood()
    const reached = await openIdle(victim.network.front.port ?? 0)
    await until('the flood runs', () => sybils.every(({ sent }) => sent.gossip > 0), 60_000)
    const delays: number[] = []
    const dials: number[] = []
    for (let n = 0; n < WORDS; n++) {
      const from = performance.now()
      await space.replica.append([{ k: 'fact', s: 'word', p: `${n}`, o: n }])
      await until(`all hear word ${n}`, () => holds(n + 1), DELIVERY_MS)
      delays.push(performance.now() - from)
      dials.push(await dial(n, victim.address))
    }

    const total = (of: (sybil: Sybil) => number) => sybils.reduce((sum, sybil) => sum + of(sybil), 0)
    const [gossip, wanted] = [total(({ sent }) => sent.gossip), total(({ intended }) => intended.gossip)]
    const [messages, meant] = [total(({ sent }) => sent.messages), total(({ intended }) => intended.messages)]
    const kilobytes = total(({ sent }) => sent.bytes) / 1_000
    const worst = (times: number[]) => Math.max(...times).toFixed(0)
    process.stdout.write(
      `${SIZE.honest} honest, ${SIZE.sybils} Sybils, ${surrounded} of them at the victim beside ${SIZE.fans} honest: ` +
        `${gossip} of ${wanted.toFixed(0)} gossip messages, ${messages} of ${meant.toFixed(0)} others sent ` +
        `(${kilobytes.toFixed(0)} kB), ${reached} of ${SIZE.idle} idle sockets; delivered to all ${WORDS} of ` +
        `${WORDS}, worst ${worst(delays)} ms; honest dials, worst ${worst(dials)} ms\n`,
    )
    // a run that did not attack shows nothing
    expect(gossip).toBeGreaterThanOrEqual(wanted / 2)
    expect(reached).toBeGreaterThanOrEqual(SIZE.idle / 2)
    expect(surrounded).toBeGreaterThanOrEqual(SIZE.sybils / 2)
    expect(Math.max(...dials)).toBeLessThan(DIAL_MS)
  })
})
