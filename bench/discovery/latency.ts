/** How long a search of a peer's index takes, and what the index weighs. */
import type { AgentCard } from '@amp-mesh/protocol'
import { type CardIndex, LexicalEmbedder } from '../../packages/discovery/src/index.ts'
import { memory } from '../context/clock.ts'
import { cardOf, indexOf } from './cards.ts'
import { mean } from './recall.ts'
import { recombined } from './recombined.ts'
import type { Task } from './tasks.ts'

export interface Latency {
  readonly capabilities: number
  /** A search, its request's vector and words included, ms of the wall. */
  readonly p50: number
  readonly p99: number
  /** To take one card up, ms. */
  readonly put: number
  /** What the index holds beside the cards themselves. */
  readonly megabytes: number
  /** Share of the ten best cards, all looked at closely, that the search finds. */
  readonly agreement: number
}

const REQUESTS = 1_000
const COMPARED = 100

export async function latencyOf({ descriptions, requests }: Task, capabilities: number): Promise<Latency> {
  const cards = recombined(descriptions, capabilities).map(cardOf)
  const embedder = new LexicalEmbedder()
  const before = memory()
  const started = performance.now()
  const index = await indexOf(cards, embedder)
  const put = (performance.now() - started) / cards.length
  const megabytes = (memory() - before) / 1e6
  const texts = Array.from({ length: REQUESTS }, (_, i) => requests[(i * 7) % requests.length]?.text ?? '')
  const times: number[] = []
  for (const text of texts) {
    const asked = performance.now()
    await index.search(await index.request(text), { limit: 10 })
    times.push(performance.now() - asked)
  }
  times.sort((a, b) => a - b)
  const quantile = (share: number) => times[Math.floor(share * times.length)] ?? 0
  return {
    capabilities,
    p50: quantile(0.5),
    p99: quantile(0.99),
    put,
    megabytes,
    agreement: await agreementOf(index, texts.slice(0, COMPARED), cards),
  }
}

async function agreementOf(index: CardIndex, texts: readonly string[], cards: readonly AgentCard[]): Promise<number> {
  const among = cards.map(({ agent }) => agent)
  const shares: number[] = []
  for (const text of texts) {
    const request = await index.request(text)
    const found = new Set((await index.search(request, { limit: 10 })).map(({ card }) => card.agent))
    const best = await index.search(request, { limit: 10, among })
    shares.push(best.filter(({ card }) => found.has(card.agent)).length / Math.max(1, best.length))
  }
  return mean(shares)
}
