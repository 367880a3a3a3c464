/** How long a search of a peer's index takes, and what the index weighs. */
import type { AgentCard } from '@amp-mesh/protocol'
import { type CardIndex, LexicalEmbedder } from '../../packages/discovery/src/index.ts'
import { chance } from '../../test/simulation/discovery/chance.ts'
import { recombined } from '../../test/simulation/discovery/recombination.ts'
import { memory, processorMs } from '../context/clock.ts'
import { cardOf, indexOf } from './cards.ts'
import { mean } from './recall.ts'
import type { Task } from './tasks.ts'

export interface Latency {
  readonly capabilities: number
  /**
   * A search, its request's vector and words included, ms of processor time: what others on the machine take is not
   * ours.
   */
  readonly p50: number
  readonly p99: number
  /** The same, ms of the wall. */
  readonly wall50: number
  readonly wall99: number
  /** To take one card up, ms of processor time. */
  readonly put: number
  /** What the index holds beside the cards themselves. */
  readonly megabytes: number
  /** Share of the ten best cards, all looked at closely, that the search finds. */
  readonly agreement: number
}

const SEED = 11
const REQUESTS = 1_000
const COMPARED = 100

export async function latencyOf({ descriptions, requests }: Task, capabilities: number): Promise<Latency> {
  const cards = [...recombined(descriptions, capabilities, chance(SEED))].map(cardOf)
  const embedder = new LexicalEmbedder()
  const before = await settledMemory()
  const started = processorMs()
  const index = await indexOf(cards, embedder)
  const put = (processorMs() - started) / cards.length
  const after = await settledMemory()
  // what else the process held on its heap may have gone meanwhile
  const megabytes = (after.arrayBuffers - before.arrayBuffers + Math.max(0, after.heapUsed - before.heapUsed)) / 1e6
  const texts = Array.from({ length: REQUESTS }, (_, i) => requests[(i * 83) % requests.length]?.text ?? '')
  const wall: number[] = []
  const processor: number[] = []
  for (const text of texts) {
    const [asked, worked] = [performance.now(), processorMs()]
    await index.search(await index.request(text), { limit: 10 })
    wall.push(performance.now() - asked)
    processor.push(processorMs() - worked)
  }
  return {
    capabilities,
    p50: quantile(processor, 0.5),
    p99: quantile(processor, 0.99),
    wall50: quantile(wall, 0.5),
    wall99: quantile(wall, 0.99),
    put,
    megabytes,
    agreement: await agreementOf(index, texts.slice(0, COMPARED), cards),
  }
}

const quantile = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(share * times.length)] ?? 0

/** What typed arrays held is given back a moment after they were collected. */
async function settledMemory(): Promise<NodeJS.MemoryUsage> {
  memory()
  await new Promise(resolve => setTimeout(resolve, 100))
  memory()
  return process.memoryUsage()
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
