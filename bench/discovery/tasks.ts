/**
 * Real descriptions and labelled requests in two files of one JSON object a line: `corpus.jsonl` (id, name,
 * description, source?, params?, tags?, category?) and `queries.jsonl` (query, relevant ids, source?).
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Description {
  readonly name: string
  readonly description: string
  /** Parameters, tags, category: what says less than the rest. */
  readonly smallPrint: { readonly parameters: string; readonly tags: readonly string[] }
}

export interface LabelledRequest {
  readonly text: string
  /** Positions of the right answers among the task's descriptions; those it lacks can't be found by anybody. */
  readonly right: ReadonlySet<number>
}

/** What is to be found among what. */
export interface Task {
  readonly source: string
  readonly descriptions: readonly Description[]
  readonly requests: readonly LabelledRequest[]
}

export const DEV_DATA = new URL('../../../shared/data/discovery', import.meta.url).pathname

export const holdsTasks = (folder: string): boolean => existsSync(join(folder, 'corpus.jsonl'))

/**
 * One task for each source with requests (its requests among its own descriptions), and one of all requests among all
 * descriptions. `every`: take each n-th request only. Requests without any right answer there are left out.
 */
export function readTasks(folder: string, every = 1): { tasks: Task[]; union: Task } {
  const corpus = readLines(join(folder, 'corpus.jsonl'))
  const requests = readLines(join(folder, 'queries.jsonl')).filter((_, i) => i % every === 0)
  const sources = [...new Set(requests.map(sourceOf))]
  const tasks = sources.map(source => {
    const own = corpus.filter(line => sourceOf(line) === source)
    const asked = requests.filter(line => sourceOf(line) === source)
    return taskOf(source, own.length > 0 ? own : corpus, asked)
  })
  return { tasks: tasks.filter(task => task.requests.length > 0), union: taskOf('all together', corpus, requests) }
}

type Line = Readonly<Record<string, unknown>>

const sourceOf = ({ source }: Line) => textOf(source)

function taskOf(source: string, corpus: readonly Line[], requests: readonly Line[]): Task {
  const at = new Map(corpus.map(({ id }, i) => [textOf(id), i]))
  const labelled = requests.map(({ query, relevant }) => ({
    text: textOf(query),
    right: new Set(listOf(relevant).flatMap(id => at.get(id) ?? [])),
  }))
  return { source, descriptions: corpus.map(descriptionOf), requests: labelled.filter(({ right }) => right.size > 0) }
}

function descriptionOf({ name, description, params, tags, category }: Line): Description {
  const smallPrint = { parameters: textOf(params), tags: [...listOf(tags), ...listOf(category)] }
  return { name: textOf(name), description: textOf(description), smallPrint }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).map(textOf).filter(text => text !== '')

function readLines(file: string): Line[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter(line => line.trim() !== '').map(line => JSON.parse(line) as Line)
}
