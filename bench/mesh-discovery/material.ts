/** Agents with real descriptions, and labelled requests for which some of them are right. */
import { chance, shuffled } from '../../test/simulation/discovery/chance.ts'
import { labelledRequests, realDescriptions } from '../../test/simulation/discovery/corpus.ts'
import type { Described } from '../../test/simulation/discovery/recombination.ts'

export interface Material {
  agents: (Described & { id: string })[]
  requests: { text: string; right: string[] }[]
}

/** `count` agents, among them the right ones for each of `requests` requests. */
export function material(count: number, requests: number, seed: number): Material {
  const random = chance(seed)
  const real = shuffled(realDescriptions(), random)
  const byId = new Map(real.map(each => [each.id, each]))
  const sources = [...new Set(labelledRequests().map(({ source }) => source))]
  const sample = sources.flatMap(source =>
    shuffled(
      labelledRequests().filter(each => each.source === source && each.right.every(id => byId.has(id))),
      random,
    ).slice(0, Math.ceil(requests / sources.length)),
  )
  const chosen = new Set<string>()
  for (const { right } of sample) for (const id of right) chosen.add(id)
  for (const { id } of real) if (chosen.size < count) chosen.add(id)
  return {
    agents: real.filter(({ id }) => chosen.has(id)).slice(0, count),
    requests: shuffled(sample, random)
      .slice(0, requests)
      .map(({ text, right }) => ({ text, right: [...right] })),
  }
}
