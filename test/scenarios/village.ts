/** A village: a handful of named peers in one process, over real libp2p on loopback, for stories to be told with. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Host, hostAgents } from '@amp-mesh/agents'
import { conclusion } from '@amp-mesh/context'
import type { Happening, Peer, Space } from '@amp-mesh/peer'
import { createPeer } from '@amp-mesh/peer/node'
import {
  type Agent,
  type Embedder,
  type Kind,
  type PeerId,
  type Rec,
  type SpaceId,
  TRANSPORT_LIMITS,
} from '@amp-mesh/protocol'
import { until } from '../until.ts'

/** The seed of this run: printed by a failing test's title, set by `npm run repeat`. */
export const seed = Number(process.env.AMP_SEED ?? 1)

/** mulberry32: a small seeded generator, so that a run can be repeated. */
export function seeded(state: number): () => number {
  let at = state | 0
  return () => {
    at = (at + 0x6d2b79f5) | 0
    let t = Math.imul(at ^ (at >>> 15), 1 | at)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A dozen peers of one process dial each other: on a busy machine that takes a while. */
const GATHERING_MS = 80_000

export class Village {
  readonly dataDir: string
  readonly #peers = new Map<string, Peer>()
  readonly #hosts: Host[] = []
  #agents = 0

  static async found(): Promise<Village> {
    return new Village(await mkdtemp(join(tmpdir(), 'amp-village-')))
  }

  private constructor(dataDir: string) {
    this.dataDir = dataDir
  }

  /** Starts a peer that joins the first one, and hosts the agents on it. */
  async peer(name: string, agents: readonly Agent[] = [], more: { embedder?: Embedder } = {}): Promise<Peer> {
    const first = this.#peers.values().next().value
    const peer = await createPeer({
      name,
      mesh: 'village',
      dataDir: this.dataDir,
      ...more,
      ...(first !== undefined && { join: first.addresses().slice(0, 1) }),
    })
    this.#peers.set(name, peer)
    this.#agents += agents.length
    if (agents.length > 0) this.#hosts.push(await hostAgents(peer, agents))
    return peer
  }

  /** Until every peer knows every agent and has as many neighbours as a peer looks for. */
  async gathered(): Promise<void> {
    const peers = [...this.#peers.values()]
    const neighbours = Math.min(peers.length - 1, TRANSPORT_LIMITS.neighbours)
    const knowsAll = (peer: Peer) => {
      const known = peer.peers()
      const agents = known.flatMap(each => each.agents).length + this.#ownAgents(peer)
      return agents >= this.#agents && known.filter(({ state }) => state === 'reachable').length >= neighbours
    }
    await until('everybody knows everybody', () => peers.every(knowsAll), GATHERING_MS)
  }

  named(name: string): Peer {
    const peer = this.#peers.get(name)
    if (peer === undefined) throw new Error(`nobody here is called ${name}`)
    return peer
  }

  nameOf(id: PeerId): string {
    return [...this.#peers].find(([, peer]) => peer.identity.peerId === id)?.[0] ?? id
  }

  /** Stops one peer as a crash would for the others: nothing is said, connections break. */
  async leave(name: string): Promise<void> {
    const peer = this.#peers.get(name)
    this.#peers.delete(name)
    await peer?.stop()
  }

  /** Everybody stops; what they stored stays. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#peers.values()].map(peer => peer.stop()))
  }

  async close(): Promise<void> {
    await this.stop()
    await rm(this.dataDir, { recursive: true, force: true })
  }

  #ownAgents(peer: Peer): number {
    return this.#hosts.filter(host => host.peer === peer).reduce((sum, host) => sum + host.agents.length, 0)
  }
}

/** Asks and waits for the end; all that happened, in order. The budget is a busy machine's, not a story's. */
export async function askAll(
  peer: Peer,
  query: string,
  options: Parameters<Peer['ask']>[1] = {},
): Promise<Happening[]> {
  const happenings: Happening[] = []
  for await (const happening of peer.ask(query, { budgetMs: 60_000, ...options })) happenings.push(happening)
  return happenings
}

export const ended = (happenings: readonly Happening[]): Extract<Happening, { type: 'done' }> => {
  const last = happenings.at(-1)
  if (last?.type !== 'done') throw new Error(`the question did not end: ${happenings.map(each => each.type).join(' ')}`)
  return last
}

/** Records of a kind in a peer's replica of a space. */
export function said<K extends Kind>(peer: Peer, space: SpaceId, kind: K): readonly Rec<K>[] {
  return spaceOf(peer, space).replica.records.of(kind)
}

export function spaceOf(peer: Peer, id: SpaceId): Space {
  const space = peer.space(id)
  if (space === undefined) throw new Error(`${peer.identity.peerId} does not carry ${id}`)
  return space
}

/** The valid synthesis as this peer sees it. */
export function synthesisOf(peer: Peer, id: SpaceId): Rec<'synthesis'> | undefined {
  const space = peer.space(id)
  return space === undefined ? undefined : conclusion(space.replica.records, space.genesis).synthesis
}
