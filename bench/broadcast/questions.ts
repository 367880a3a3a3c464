/** Real descriptions for a crowd of agents, and real requests that some of them can answer (DISCOVERY.md, "Data"). */
import { existsSync, readFileSync } from 'node:fs'
import { SeededRandom } from '../../test/simulation/space.ts'

const FOLDER = new URL('../../../shared/data/discovery/', import.meta.url)

export const dataIsHere = existsSync(FOLDER)

export interface Task {
  /** One for each agent. */
  descriptions: readonly { name: string; description: string }[]
  questions: readonly string[]
}

/** `agents` descriptions, among them a right one for each of the questions; the others are drawn from all. */
export function taskOf(agents: number, questions: number, seed: number): Task {
  const random = new SeededRandom(seed)
  const corpus = readLines<{ id: string; name: string; description: string }>('corpus.jsonl')
  const requests = readLines<{ query: string; relevant: string[] }>('queries.jsonl')
  const byId = new Map(corpus.map(each => [each.id, each]))
  const asked = random.shuffled(requests.filter(({ relevant }) => byId.has(relevant[0] ?? ''))).slice(0, questions)
  const right = new Set(asked.map(({ relevant }) => relevant[0] as string))
  const others = random.shuffled(corpus.filter(({ id }) => !right.has(id))).slice(0, agents - right.size)
  const chosen = [...[...right].flatMap(id => byId.get(id) ?? []), ...others]
  return { descriptions: random.shuffled(chosen), questions: asked.map(({ query }) => query) }
}

function readLines<T>(file: string): T[] {
  const lines = readFileSync(new URL(file, FOLDER), 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as T)
}
