/** Real descriptions and labelled requests (DISCOVERY.md, "Data"), and how well a ranking finds the right ones. */
import { existsSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../../../shared/data/discovery/', import.meta.url)
/** The sources §1 averages over. */
const SOURCES = ['bfcl', 'toolbench', 'metatool', 'subagents', 'toolalpaca']

export const dataIsHere = existsSync(FOLDER)

export interface Description {
  id: string
  name: string
  description: string
  source: string
}
interface LabelledRequest {
  query: string
  relevant: string[]
  source: string
}

/** One retrieval task a source: its descriptions, its requests, the positions of the right answers. */
export interface Task {
  source: string
  descriptions: Description[]
  /** Name and description of each. */
  texts: string[]
  requests: { text: string; right: Set<number> }[]
}

/** Gives, for a request, the positions of the best descriptions, best first. */
export type Search = (request: string) => number[] | Promise<number[]>

/** `every`: take each n-th request only. */
export function readTasks(every = 1): Task[] {
  const descriptions = readLines<Description>('corpus.jsonl')
  const requests = readLines<LabelledRequest>('queries.jsonl')
  return SOURCES.map(source => {
    const own = descriptions.filter(description => description.source === source)
    const at = new Map(own.map((description, i) => [description.id, i]))
    return {
      source,
      descriptions: own,
      texts: own.map(({ name, description }) => `${name} ${description}`),
      requests: requests
        .filter((request, i) => request.source === source && i % every === 0)
        .map(({ query, relevant }) => ({ text: query, right: new Set(relevant.map(id => at.get(id) ?? -1)) })),
    }
  })
}

/** Share of the right answers among the first five, and mean 1 / position of the first right one (within 100). */
export async function measure(task: Task, search: Search): Promise<{ recallAt5: number; mrr: number }> {
  let recall = 0
  let reciprocal = 0
  for (const { text, right } of task.requests) {
    const found = (await search(text)).slice(0, 100)
    recall += found.slice(0, 5).filter(i => right.has(i)).length / right.size
    const first = found.findIndex(i => right.has(i))
    if (first >= 0) reciprocal += 1 / (first + 1)
  }
  return { recallAt5: recall / task.requests.length, mrr: reciprocal / task.requests.length }
}

/** Positions of the highest scores above 0, best first. */
export function best(scores: ArrayLike<number>, count = 100): number[] {
  return Array.from(scores, (score, i) => ({ score, i }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .slice(0, count)
    .map(({ i }) => i)
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function readLines<T>(file: string): T[] {
  return readFileSync(new URL(file, FOLDER), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as T)
}
