/** The scout: finds agents by what they can do, and says what this peer knows of them beside their cards. */
import { reputationOf, type TrackRecord } from '@amp-mesh/context'
import {
  type Candidate,
  CardIndex,
  type Directory,
  type FindOptions,
  type FindPorts,
  find,
  type Standing,
} from '@amp-mesh/discovery'
import type { AgentId, Clock, Embedder, MeshId, Network } from '@amp-mesh/protocol'
import type { Cards } from './cards.ts'
import type { Links } from './links.ts'

export interface ScoutInit {
  mesh: MeshId
  clock: Clock
  network: Network
  embedder: Embedder
  directory: Directory
  cards: Pick<Cards, 'fetch'>
  links: Pick<Links, 'suspected' | 'rttMs'>
  /** This peer's experience with agents, as it is now. */
  trackRecords(): ReadonlyMap<AgentId, TrackRecord>
}

export class Scout {
  readonly #init: ScoutInit
  readonly #index: CardIndex

  constructor(init: ScoutInit) {
    this.#init = init
    this.#index = new CardIndex(init.embedder)
  }

  /** Agents that can do it, as they are found; those whose peer does not answer now are left out. */
  async *find(text: string, options: FindOptions = {}): AsyncGenerator<Candidate> {
    const { mesh, clock, directory, network, cards, links, trackRecords } = this.#init
    const known = trackRecords()
    const ports: FindPorts = {
      mesh,
      self: network.self,
      clock,
      directory,
      index: this.#index,
      findProviders: (key, signal) => network.findProviders(key, signal),
      fetchCards: (peer, signal) => cards.fetch(peer, signal),
    }
    for await (const candidate of find(text, { ...ports, ...options })) {
      network.remember(candidate.peer, candidate.card.addresses)
      if (links.suspected(candidate.peer)) continue
      const standing = standingOf(known.get(candidate.agent), links.rttMs(candidate.peer))
      yield { ...candidate, standing }
    }
  }
}

const standingOf = (record: TrackRecord | undefined, rttMs: number | undefined): Standing => ({
  ...(record !== undefined && { reputation: reputationOf(record) }),
  ...(rttMs !== undefined && { rttMs }),
})
