/** The search in the DHT: a lookup with the network at its hands. Wave by wave, each within a deadline. */
import {
  type Clock,
  DISCOVERY_LIMITS,
  type MeshId,
  type Message,
  type PeerId,
  type SignedCard,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { wordKey } from '../word-keys.ts'
import { answersOf, compare, type HolderAnswer } from './answers.ts'
import type { HeldCard } from './held-card.ts'
import { type KeyAsk, Lookup, type LookupOptions } from './lookup.ts'
import type { Routes } from './routes.ts'
import type { Standing } from './standing.ts'

export interface SearchPorts {
  mesh: MeshId
  clock: Clock
  routes: Routes
  standing: Standing
  /** Opens and checks a card; undefined for what is none. */
  read(signed: SignedCard): HeldCard | undefined
  /** Rejects when the holder is busy or does not answer. */
  query(
    holder: PeerId,
    query: Message<'index_query'>,
    signal: AbortSignal,
  ): Promise<{ answer: Message<'index_cards'>; bytes: number }>
}

/** What a search took so far. Bytes of walks are not counted: libp2p sends them. */
export interface SearchCost {
  /** Keys asked for. */
  lookups: number
  /** Sent and received: requests and answers of walks and of holders. */
  messages: number
  bytes: number
}

/**
 * Yields the lookup, with all that is found so far, as soon as a holder has given cards, and after each wave. Adds to
 * `cost` as it goes.
 */
export async function* search(
  text: string,
  ports: SearchPorts,
  cost: SearchCost,
  signal: AbortSignal,
  options?: LookupOptions,
): AsyncGenerator<Lookup, void, undefined> {
  const lookup = new Lookup(text, options)
  for (;;) {
    const wave = lookup.next()
    if (wave.length === 0) return
    const first = Promise.withResolvers<void>()
    const whole = Promise.all(wave.map(ask => askHolders(ask, text, lookup, first.resolve, ports, cost, signal)))
    // whoever takes what was found may have gone when the rest of the wave fails
    whole.catch(() => undefined)
    if (lookup.isEmpty) {
      await Promise.race([first.promise, whole])
      signal.throwIfAborted()
      yield lookup
    }
    await whole
    signal.throwIfAborted()
    yield lookup
  }
}

async function askHolders(
  { key, holders, vector }: KeyAsk,
  text: string,
  lookup: Lookup,
  onCards: () => void,
  ports: SearchPorts,
  cost: SearchCost,
  signal: AbortSignal,
): Promise<void> {
  const { mesh, clock, routes, standing, read, query } = ports
  cost.lookups += 1
  const route = await routes.to(wordKey(mesh, key), signal)
  cost.messages += 2 * route.steps
  const now = clock.now()
  const candidates = route.peers.slice(0, DISCOVERY_LIMITS.holdersPerKey)
  const request = {
    type: 'index_query',
    key,
    text: text.slice(0, WIRE_LIMITS.indexText),
    ...(vector !== undefined && { vector }),
    k: WIRE_LIMITS.cardsInAnswer,
  } as const
  const ask = async (holder: PeerId, askSignal: AbortSignal): Promise<HolderAnswer> => {
    cost.messages += 1
    const { answer, bytes } = await query(holder, request, askSignal)
    cost.messages += 1
    cost.bytes += bytes
    const cards = answer.cards.flatMap(signed => read(signed) ?? [])
    lookup.hear(key, { size: answer.size, cards, words: answer.words })
    if (cards.length > 0) onCards()
    const isDue = candidates.indexOf(holder) < DISCOVERY_LIMITS.copies
    return { holder, size: answer.size, cards, words: answer.words, isDue, isFull: answer.cards.length >= request.k }
  }
  const reliable = candidates.filter(peer => standing.isReliable(peer, now))
  const answers = await answersOf({ holders: reliable, wanted: holders, ask, clock, standing, signal })
  compare(answers, card => lookup.holdersFit(card), standing, clock.now())
}
