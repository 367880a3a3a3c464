/**
 * A mesh of many agents under faults, asked real requests: what the product's lookup finds of what a search through
 * everything finds, and what it costs.
 */
import { search } from '@amp-mesh/discovery'
import { agentsOf, Brought } from './brought.ts'
import { type Labelled, sampleOfRequests } from './corpus.ts'
import { PopulatedMesh, type PopulatedMeshInit } from './populated-mesh.ts'
import type { SimulatedPeer } from './simulated-mesh.ts'

export type TrialInit = PopulatedMeshInit

export interface Trial {
  init: TrialInit
  /** Share of the true five that are the asker's first five after n keys, n = 1, 2, 3 …; mean over the requests. */
  recall: number[]
  /** Share of the true five among all cards that these keys brought: what no ranking can exceed. */
  brought: number[]
  /** With the product's own rule of when to stop. */
  shipped: { recall: number; lookups: number; messages: number; bytes: number; ms: number }
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
const MOST_KEYS = 16
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
  brought: number[]
  shipped: Trial['shipped']
}

async function answer(mesh: PopulatedMesh, { text }: Labelled, asker: SimulatedPeer): Promise<Answered> {
  const truth = new Set(mesh.trueFive(text))
  const share = (agents: Iterable<string>) => [...agents].filter(agent => truth.has(agent)).length / truth.size
  const never = new AbortController().signal
  const brought = new Brought(asker.ports())
  const everyKey = { keys: MOST_KEYS, exhaustive: true }
  await Array.fromAsync(search(text, brought.ports, { lookups: 0, messages: 0, bytes: 0 }, never, everyKey))
  const steps = brought.after(text, MOST_KEYS)
  const before = { ...asker.traffic }
  const started = mesh.clock.now()
  const cost = { lookups: 0, messages: 0, bytes: 0 }
  const lookup = (await Array.fromAsync(search(text, asker.ports(), cost, never))).at(-1)
  return {
    truth: truth.size,
    recall: steps.map(found => share(found.slice(0, 5))),
    brought: steps.map(share),
    shipped: {
      recall: share(agentsOf(lookup).slice(0, 5)),
      lookups: cost.lookups,
      messages: asker.traffic.messages - before.messages,
      bytes: asker.traffic.bytes - before.bytes,
      ms: mesh.clock.now() - started,
    },
  }
}

function summary(init: TrialInit, mesh: PopulatedMesh, results: readonly Answered[]): Trial {
  const counted = results.filter(({ truth }) => truth > 0)
  const mean = (value: (result: Answered) => number) =>
    counted.reduce((sum, result) => sum + value(result), 0) / counted.length
  const curve = (of: (result: Answered) => readonly number[]) =>
    Array.from({ length: MOST_KEYS }, (_, n) => mean(each => of(each)[n] ?? of(each).at(-1) ?? 0))
  const recall = curve(each => each.recall)
  const sizes = mesh.bucketSizes()
  const { messages, bytes, cards } = mesh.publication
  return {
    init,
    recall,
    brought: curve(each => each.brought),
    shipped: {
      recall: mean(({ shipped }) => shipped.recall),
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
