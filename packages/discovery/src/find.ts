/** Find: who can do this? Candidates as they come: from the directory at once, then from the DHT. */
import {
  type AgentCard,
  type Clock,
  DISCOVERY_LIMITS,
  type MeshId,
  type PeerId,
  parseAgentId,
  type SignedCard,
  TRANSPORT_LIMITS,
} from '@amp-mesh/protocol'
import type { Candidate } from './candidate.ts'
import type { CardIndex } from './card-index.ts'
import { concurrently, withDeadline } from './concurrently.ts'
import { type Directory, isCandidate } from './directory.ts'
import type { Request } from './rank.ts'
import { keysOfRequest, wordKey } from './word-keys.ts'

/** What find needs of the world. */
export interface FindPorts {
  mesh: MeshId
  self: PeerId
  clock: Clock
  directory: Directory
  /** Words and vectors of the directory's cards; holds the embedder. */
  index: CardIndex
  /** Peers that announced themselves under a key: hints, nothing more. */
  findProviders(key: Uint8Array, signal: AbortSignal): AsyncIterable<PeerId>
  /** A peer's own cards, from the peer itself. */
  fetchCards(peer: PeerId, signal: AbortSignal): Promise<readonly SignedCard[]>
}

export interface FindOptions {
  /** Candidates wanted (default 8). */
  limit?: number
  /** Candidates below this score are left out (default 0.25). */
  minScore?: number
  /** Ends the search quietly; what came before stands. */
  signal?: AbortSignal
}

const DEFAULTS = { limit: 8, minScore: 0.25 } as const

/**
 * Yields up to `limit` agents, each once: those of the directory best first, then, if they are too few, those found in
 * the DHT, as they answer. A provider record only says whom to ask; the peer's signed cards decide, and stay in the
 * directory. Always ends: each lookup and each peer has a deadline of its own, and their number is bounded.
 */
export async function* find(
  text: string,
  options: FindOptions & FindPorts,
): AsyncGenerator<Candidate, void, undefined> {
  const { directory, index } = options
  const limit = options.limit ?? DEFAULTS.limit
  const ended = new AbortController()
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal])
  const given = new Set<string>()
  const accept = (card: AgentCard) =>
    isCandidate(card) && !given.has(card.agent) && directory.get(card.agent) !== undefined
  const fresh = async (request: Request, via: Candidate['via'], cards?: AgentCard[]) => {
    const among = cards && { among: cards.map(({ agent }) => agent) }
    const ranked = await index.search(request, { limit: limit - given.size, accept, signal, ...among })
    return ranked
      .filter(({ score }) => score >= (options.minScore ?? DEFAULTS.minScore))
      .map(({ card, score, capability }): Candidate => {
        given.add(card.agent)
        return { agent: card.agent, peer: parseAgentId(card.agent).peer, card, score, capability, via }
      })
  }
  try {
    const request = await index.request(text, signal)
    if (signal.aborted) return
    yield* await fresh(request, 'directory')
    if (given.size >= limit) return
    for await (const peer of peersWithCards(text, options, signal)) {
      yield* await fresh(request, 'dht', directory.of(peer))
      if (given.size >= limit) return
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    ended.abort()
  }
}

/** Peers found under the request's words whose cards are now in the directory. */
function peersWithCards(text: string, ports: FindPorts, signal: AbortSignal): AsyncIterable<PeerId> {
  const { clock, directory, mesh, self } = ports
  const keys = keysOfRequest(text).map(stem => wordKey(mesh, stem))
  const asked = new Set<PeerId>([self])
  const providers = concurrently<Uint8Array, PeerId>(
    keys,
    DISCOVERY_LIMITS.lookupsAtOnce,
    (key, emit) => withDeadline(clock, TRANSPORT_LIMITS.queryMs, signal, s => lookUp(key, s, emit)),
    signal,
  )
  const lookUp = async (key: Uint8Array, lookUpSignal: AbortSignal, emit: (peer: PeerId) => void) => {
    let seen = 0
    for await (const peer of ports.findProviders(key, lookUpSignal)) {
      if (lookUpSignal.aborted || seen++ >= DISCOVERY_LIMITS.providersPerKey) return
      if (asked.has(peer) || asked.size > DISCOVERY_LIMITS.peersPerRequest) continue
      asked.add(peer)
      emit(peer)
    }
  }
  return concurrently<PeerId, PeerId>(
    providers,
    DISCOVERY_LIMITS.fetchesAtOnce,
    async (peer, emit) => {
      const cards = await withDeadline(clock, TRANSPORT_LIMITS.queryMs, signal, s => ports.fetchCards(peer, s))
      for (const signed of cards.slice(0, DISCOVERY_LIMITS.cardsPerAnswer)) directory.put(signed)
      emit(peer)
    },
    signal,
  )
}
