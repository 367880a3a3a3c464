/** Honest peers of one process, each at an address of its own: they say words in commons, and tell what they hear. */

import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { Keeper, type NodeNetwork, NodePeer, nodeNetwork, nodeParts, seedFromFile } from '@amp-mesh/peer/node'
import { meshLabel, type PeerId } from '@amp-mesh/protocol'
import type { ConnectionEncrypter, SecuredConnection } from '@libp2p/interface'
import type { KnownMesh } from '../../packages/peer/src/hello.ts'
import { topicsOf } from '../../packages/peer/src/protocols.ts'
import { silent } from '../unit/peer/network/test-network.ts'
import { serve } from './servant.ts'

export interface Seat {
  name: string
  /** Loopback address that it listens at and dials from. */
  ip: string
  dataDir: string
  /** Addresses it holds on to. */
  known: string[]
}

export interface Seated {
  peer: PeerId
  address: string
  mesh: KnownMesh
}

/** `word` reached the peer of this name; times are ms since the epoch, of one machine. */
export interface Heard {
  name: string
  word: number
  at: number
}

export interface HonestLook {
  name: string
  /** Peers it is connected to, by whether they come from the attackers' network. */
  attackers: number
  others: number
}

export interface ProcessLook {
  peers: HonestLook[]
  rss: number
  /** The longest its event loop was kept since the last look, ms. */
  stallMs: number
}

export type HonestDuties = {
  sit(seat: Seat): Promise<Seated>
  /** From now on the peer of this name and those others never reach each other: as if the network kept them apart. */
  wall(order: { name: string; others: PeerId[] }): Promise<void>
  say(order: { name: string; word: number }): Promise<number>
  look(attackers: string): ProcessLook
  /** Since it began. */
  effort(order: null): Effort
}

/** How long a process had something to do, and for how much of that a core, ms. */
export interface Effort {
  busyMs: number
  coreMs: number
}

const WORD = 'word'
const peers = new Map<string, { peer: NodePeer; network: NodeNetwork; shut: Set<PeerId> }>()
const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()

const duties: HonestDuties = {
  async sit({ name, ip, dataDir, known }) {
    const parts = await nodeParts({ name, mesh: 'besieged', dataDir, listen: `${ip}:0` })
    const { mesh, clock, random, logger } = parts
    const shut = new Set<PeerId>()
    const place = { host: ip, dialFrom: ip, mesh: meshLabel(mesh.id), topics: topicsOf(mesh), logger: silent }
    const door = (noise: ConnectionEncrypter) => walled(noise, shut)
    const network = await nodeNetwork({ ...place, door, seed: await seedFromFile(join(parts.folder, 'key'), random) })
    const keeper = new Keeper({ network, bootstrap: () => known, clock, random, logger })
    const { signal } = new AbortController()
    const peer = new NodePeer({
      ...parts,
      ...{ network, keeper },
      keep: other => keeper.want(other),
      started: failed => void keeper.run(signal, failed),
    })
    await peer.start()
    peers.set(name, { peer, network, shut })
    peer.commons.replica.subscribe(records => {
      for (const { op } of records)
        if (op.k === 'fact' && op.s === WORD) tell({ name, word: Number(op.p), at: Date.now() })
    })
    return { peer: peer.identity.peerId, address: network.addresses()[0] ?? '', mesh }
  },

  async wall({ name, others }) {
    const walled = peers.get(name)
    if (walled === undefined) throw new Error(`${name} has not sat down`)
    for (const other of others) walled.shut.add(other)
    await Promise.all(others.map(other => walled.network.disconnect(other)))
  },

  /** When it began to be said. */
  async say({ name, word }) {
    const at = Date.now()
    await peers.get(name)?.peer.commons.replica.append([{ k: 'fact', s: WORD, p: `${word}`, o: word }])
    return at
  },

  effort() {
    const { user, system } = process.cpuUsage()
    return { busyMs: performance.eventLoopUtilization().active, coreMs: (user + system) / 1_000 }
  },

  look(attackers) {
    const stallMs = delay.max / 1e6
    delay.reset()
    return {
      rss: process.memoryUsage.rss(),
      stallMs,
      peers: [...peers].map(([name, { network }]) => {
        const remote = network.node.getConnections().map(({ remotePeer, remoteAddr }) => ({ remotePeer, remoteAddr }))
        const from = (isAttacker: boolean) =>
          new Set(
            remote
              .filter(({ remoteAddr }) => remoteAddr.toString().startsWith(`/ip4/${attackers}`) === isAttacker)
              .map(({ remotePeer }) => remotePeer.toString()),
          ).size
        return { name, attackers: from(true), others: from(false) }
      }),
    }
  },
}

/** Lets nobody of `shut` through, either way, once noise has said who it is. */
function walled(noise: ConnectionEncrypter, shut: ReadonlySet<PeerId>): ConnectionEncrypter {
  const passing = (secured: SecuredConnection): SecuredConnection => {
    if (shut.has(secured.remotePeer.toString())) throw new Error('behind the wall')
    return secured
  }
  return {
    protocol: noise.protocol,
    secureOutbound: async (raw, options) => passing(await noise.secureOutbound(raw, options)),
    secureInbound: async (raw, options) => passing(await noise.secureInbound(raw, options)),
  }
}

const tell = serve<Heard>(duties)
