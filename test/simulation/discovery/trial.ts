/**
 * A mesh of many agents under faults, asked real requests: what the product's lookup finds of what a search through
 * everything finds, and what it costs.
 */
import { keysOfRequest, search } from '@amp-mesh/discovery'
import { Brought } from './brought.ts'
import { type Labelled, sampleOfRequests } from './corpus.ts'
import { PopulatedMesh, type PopulatedMeshInit } from './populated-mesh.ts'
import type { SimulatedPeer } from './simulated-mesh.ts'

export type TrialInit = PopulatedMeshInit

export interface Trial {
  init: TrialInit
  /** Share of the true five among the cards that the first n keys brought, n = 1, 2, 3 …; mean over the requests. */
  recall: number[]
  /** The same with the product's own rule of when to stop, and of the true five in the asker's own first five. */
  shipped: { recall: number; ownFive: number; lookups: number; messages: number; bytes: number; ms: number }
  /** Keys asked for until nine of ten true ones are there; undefined when they never are. */
  lookupsFor90: number | undefined
  /** Cards kept under a key. */
  buckets: { count: number; mean: number; p99: number; max: number }
  /** Messages and bytes of publishing, by those peers that came while the clock ran: a card. */
  publication: { messages: number; bytes: number; cardsPerPeer: number }
  peersGone: number
}

export const FAULTS = { silent: 0.2, lying: 0.05, churnPerHour: 0.3 } as const
/** The most keys asked for one request: what `recall` ends with. */
export const MOST_KEYS = 16
const MINUTE = 60_000
/** How old what was published is when the first request is asked. */
const AGE_MS = 5 * MINUTE
/** Requests are asked within so long. */
const ASKING_MS = 2 * MINUTE
/** Peers that ask, turn by turn: each has its own experience with holders. */
const ASKERS = 20

export async function trial(init: TrialInit, onProgress: (what: string) => void = () => {}): Promise<Trial> {
  const mesh = new PopulatedMesh(init, MOST_KEYS)
  mesh.populate(onProgress)
  onProgress('populated')
  mesh.publishAll()
  onProgress('published')
  await mesh.clock.until(mesh.turnOvers(AGE_MS))
  onProgress(`${mesh.peersGone} peers went and came`)
  const { requests, seed } = init
  const sample = sampleOfRequests(requests, seed + 1)
  const askers = mesh.honest(ASKERS)
  const results: Answered[] = []
  const turns = askers.map(async (asker, nth) => {
    for (const request of sample.filter((_, n) => n % askers.length === nth)) {
      results.push(await answer(mesh, request, asker))
      if (results.length % 50 === 0) onProgress(`${results.length} of ${requests} requests`)
    }
  })
  await mesh.clock.until(Promise.all([...turns, mesh.turnOvers(ASKING_MS)]))
  return summary(init, mesh, results)
}

interface Answered {
  /** How many right agents there were. */
  truth: number
  recall: number[]
  shipped: Trial['shipped']
}

async function answer(mesh: PopulatedMesh, { text }: Labelled, asker: SimulatedPeer): Promise<Answered> {
  const truth = new Set(mesh.trueFive(text))
  const share = (agents: Iterable<string>) => [...agents].filter(agent => truth.has(agent)).length / truth.size
  const never = new AbortController().signal
  const brought = new Brought(asker.ports())
  const everyKey = { keys: MOST_KEYS, exhaustive: true }
  await last(search(text, brought.ports, { lookups: 0, messages: 0, bytes: 0 }, never, everyKey))
  const before = { ...asker.traffic }
  const started = mesh.clock.now()
  const cost = { lookups: 0, messages: 0, bytes: 0 }
  const found = await last(search(text, asker.ports(), cost, never))
  const own = found.map(({ card }) => card)
  return {
    truth: truth.size,
    recall: brought.after(keysOfRequest(text).slice(0, MOST_KEYS)).map(share),
    shipped: {
      recall: share(own.map(({ agent }) => agent)),
      ownFive: share(mesh.fiveOf(text, own)),
      lookups: cost.lookups,
      messages: asker.traffic.messages - before.messages,
      bytes: asker.traffic.bytes - before.bytes,
      ms: mesh.clock.now() - started,
    },
  }
}

async function last<T>(waves: AsyncIterable<T[]>): Promise<T[]> {
  return (await Array.fromAsync(waves)).at(-1) ?? []
}

function summary(init: TrialInit, mesh: PopulatedMesh, results: readonly Answered[]): Trial {
  const counted = results.filter(({ truth }) => truth > 0)
  const mean = (value: (result: Answered) => number) =>
    counted.reduce((sum, result) => sum + value(result), 0) / counted.length
  const recall = Array.from({ length: MOST_KEYS }, (_, n) => mean(each => each.recall[n] ?? each.recall.at(-1) ?? 0))
  const sizes = mesh.bucketSizes()
  const { messages, bytes, cards } = mesh.publication
  return {
    init,
    recall,
    shipped: {
      recall: mean(({ shipped }) => shipped.recall),
      ownFive: mean(({ shipped }) => shipped.ownFive),
      lookups: mean(({ shipped }) => shipped.lookups),
      messages: mean(({ shipped }) => shipped.messages),
      bytes: mean(({ shipped }) => shipped.bytes),
      ms: mean(({ shipped }) => shipped.ms),
    },
    lookupsFor90: lookupsFor(recall, 0.9),
    buckets: {
      count: sizes.length,
      mean: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
      p99: sizes[Math.floor(0.99 * sizes.length)] ?? 0,
      max: sizes.at(-1) ?? 0,
    },
    publication: { messages: messages / cards, bytes: bytes / cards, cardsPerPeer: init.agents / init.peers },
    peersGone: mesh.peersGone,
  }
}

/** Between two whole numbers, as on a straight line. */
export function lookupsFor(recall: readonly number[], goal: number): number | undefined {
  const at = recall.findIndex(share => share >= goal)
  if (at <= 0) return at === 0 ? 1 : undefined
  const [before, after] = [recall[at - 1] as number, recall[at] as number]
  return at + (goal - before) / (after - before)
}
