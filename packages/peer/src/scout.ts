/** The scout: finds agents by what they can do, and says what this peer knows of them beside their cards. */
import { reputationOf, type TrackRecord } from '@amp-mesh/context'
import type { Acquaintance, Candidate, FindOptions, Interests } from '@amp-mesh/discovery'
import type { AgentId, Network } from '@amp-mesh/protocol'
import type { Finding } from './finding.ts'
import type { Links } from './links.ts'

export interface ScoutInit {
  finding: Pick<Finding, 'find'>
  interests: Interests
  network: Pick<Network, 'remember'>
  links: Pick<Links, 'isAbsent' | 'rttMs'>
  /** This peer's experience with agents, as it is now. */
  trackRecords(): ReadonlyMap<AgentId, TrackRecord>
}

export class Scout {
  readonly #init: ScoutInit

  constructor(init: ScoutInit) {
    this.#init = init
  }

  /** Agents that can do it, as they are found; those whose peer does not answer now are left out. */
  async *find(text: string, options: FindOptions = {}): AsyncGenerator<Candidate> {
    const { finding, interests, links, network, trackRecords } = this.#init
    const known = trackRecords()
    interests.noteQuestion(text)
    for await (const candidate of finding.find(text, options)) {
      network.remember(candidate.peer, candidate.card.addresses)
      if (links.isAbsent(candidate.peer)) continue
      const acquaintance = acquaintanceWith(known.get(candidate.agent), links.rttMs(candidate.peer))
      yield { ...candidate, acquaintance }
    }
  }
}

const acquaintanceWith = (record: TrackRecord | undefined, rttMs: number | undefined): Acquaintance => ({
  ...(record !== undefined && { reputation: reputationOf(record) }),
  ...(rttMs !== undefined && { rttMs }),
})
