/** Find: who can do this? Candidates as they come: from the directory at once, then from the index in the DHT. */
import { type AgentCard, DISCOVERY_LIMITS, openCard, parseAgentId, type SignedCard } from '@amp-mesh/protocol'
import type { Candidate } from './candidate.ts'
import type { CardIndex } from './card-index.ts'
import type { Codebook } from './dht/codebook.ts'
import type { Lookup, LookupOptions } from './dht/lookup.ts'
import { type SearchCost, type SearchPorts, search } from './dht/search.ts'
import { type Directory, isCandidate } from './directory.ts'
import { fairShare } from './fair-share.ts'
import type { Ranked, Request } from './rank.ts'
import { toInt8 } from './vector-rows.ts'

/** What find needs of the world. */
export interface FindPorts extends SearchPorts {
  directory: Directory
  /** Words and vectors of the directory's cards; holds the embedder. */
  index: CardIndex
  /** The same of cards found in the DHT, whether or not the directory keeps them. */
  foundIndex: CardIndex
  /** Of a neural embedder. */
  codebook?: Codebook | undefined
}

export interface FindOptions {
  /** Candidates wanted (default 8). */
  limit?: number
  /** Candidates below this score are left out (default 0.25). */
  minScore?: number
  /** Where to look: the own directory, the DHT, or (default) both. */
  in?: 'directory' | 'dht'
  /** Is added to while the search goes on. */
  cost?: SearchCost
  /** Ends the search quietly; what came before stands. */
  signal?: AbortSignal
}

const DEFAULTS = { limit: 8, minScore: 0.25 } as const

/**
 * Yields up to `limit` agents, each once: those of the directory best first, then, if they are too few, those found in
 * the DHT: the best of the first wave at once, the others best first when all waves are over. Always ends: each step
 * has a deadline of its own, and their number is bounded.
 */
export async function* find(
  text: string,
  options: FindOptions & FindPorts,
): AsyncGenerator<Candidate, void, undefined> {
  const { directory, index } = options
  const { limit = DEFAULTS.limit, minScore = DEFAULTS.minScore, cost = { lookups: 0, messages: 0, bytes: 0 } } = options
  const ended = new AbortController()
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal])
  const given = new Set<string>()
  // the directory may know better than a holder: that an agent is gone
  const isFresh = (card: AgentCard) =>
    isCandidate(card) && !given.has(card.agent) && (directory.get(card.agent)?.seq ?? 0) <= card.seq
  const give = function* (
    ranked: readonly Ranked[],
    via: Candidate['via'],
    keyOf: (card: AgentCard) => string | undefined,
  ) {
    for (const { card, ...evidence } of ranked) {
      if (evidence.score < minScore || given.size >= limit) continue
      given.add(card.agent)
      const { peer } = parseAgentId(card.agent)
      const key = keyOf(card)
      yield { agent: card.agent, peer, card, ...evidence, via, ...(key !== undefined && { key }) }
    }
  }
  try {
    const request = await index.request(text, signal)
    if (signal.aborted) return
    if (options.in !== 'dht') {
      const isKnown = (card: AgentCard) => isFresh(card) && directory.get(card.agent) !== undefined
      const known = await fairShare(limit, (count, among) =>
        index.search(request, { limit: count, accept: card => among(card) && isKnown(card), signal }),
      )
      yield* give(known, 'directory', () => undefined)
    }
    if (options.in === 'directory' || given.size >= limit) return
    let last: Lookup | undefined
    const before = given.size
    for await (const lookup of search(text, options, cost, signal, { concepts: conceptsOf(request) })) {
      // a first answer early; what the others are worth shows when all are there
      if (given.size === before) yield* give(await rankFound(request, lookup, 1), 'dht', keyIn(lookup))
      last = lookup
    }
    if (last !== undefined) yield* give(await rankFound(request, last, limit - given.size), 'dht', keyIn(last))
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    ended.abort()
  }

  function conceptsOf({ vector }: Request): LookupOptions['concepts'] {
    const keys = options.codebook?.nearest(vector, DISCOVERY_LIMITS.conceptsPerRequest) ?? []
    if (keys.length === 0) return undefined
    return { keys, vector: { space: index.embedder.id, data: new Uint8Array(toInt8(vector).buffer) } }
  }

  async function rankFound(request: Request, lookup: Lookup, count: number): Promise<Ranked[]> {
    const { foundIndex, mesh } = options
    const { words } = lookup
    const signed = new Map<string, SignedCard>()
    for (const { card } of lookup.found()) {
      foundIndex.put(openCard(card.signed, mesh, () => true)) // its signature was checked when it was read
      signed.set(card.agent, card.signed)
    }
    const among = [...signed.keys()]
    const ranked = await fairShare(count, (places, isOpen) =>
      foundIndex.search(request, {
        limit: places,
        among,
        words,
        accept: card => isOpen(card) && isFresh(card),
        signal,
      }),
    )
    for (const { card } of ranked) directory.put(signed.get(card.agent) as SignedCard)
    return ranked
  }
}

const keyIn = (lookup: Lookup) => (card: AgentCard) => lookup.keyOf(card.agent)
