/** How well a search finds the right answers of a task. */
import type { Task } from './tasks.ts'

/** A position among the task's descriptions, and how sure the search is of it, if it says so. */
export interface Found {
  readonly at: number
  readonly score?: number
}

/** Up to a hundred of the best, best first. */
export type Search = (request: string) => Promise<readonly Found[]>

/** Of one request: shares of its right answers among the first 1, 5, 10, and 1 / place of the first right one. */
export interface Outcome {
  readonly at1: number
  readonly at5: number
  readonly at10: number
  readonly reciprocalRank: number
  readonly found: readonly Found[]
}

export const MEASURES = ['at1', 'at5', 'at10', 'reciprocalRank'] as const
export type Recall = Record<(typeof MEASURES)[number], number> & { standardError: number }

/** In the order of the task's requests. */
export async function outcomesOf({ requests }: Task, search: Search): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { text, right } of requests) {
    const found = (await search(text)).slice(0, 100)
    const among = (count: number) => found.slice(0, count).filter(({ at }) => right.has(at)).length / right.size
    const first = found.findIndex(({ at }) => right.has(at))
    const reciprocalRank = first < 0 ? 0 : 1 / (first + 1)
    outcomes.push({ at1: among(1), at5: among(5), at10: among(10), reciprocalRank, found: found.slice(0, 10) })
  }
  return outcomes
}

/** Means over the requests; the standard error is that of `at5`. */
export function recallOf(outcomes: readonly Outcome[]): Recall {
  const of = (measure: (typeof MEASURES)[number]) => mean(outcomes.map(outcome => outcome[measure]))
  const [at1, at5, at10, reciprocalRank] = [of('at1'), of('at5'), of('at10'), of('reciprocalRank')]
  return { at1, at5, at10, reciprocalRank, standardError: standardError(outcomes.map(outcome => outcome.at5)) }
}

/** Each source counts alike. */
export function macro(recalls: readonly Recall[]): Recall {
  const of = (measure: keyof Recall) => mean(recalls.map(recall => recall[measure]))
  const errors = Math.hypot(...recalls.map(recall => recall.standardError)) / recalls.length
  const [at1, at5, at10, reciprocalRank] = [of('at1'), of('at5'), of('at10'), of('reciprocalRank')]
  return { at1, at5, at10, reciprocalRank, standardError: errors }
}

/** How much more recall@5 than the rival on the same requests, in standard errors of that difference. */
export function lead(ours: readonly Outcome[], theirs: readonly Outcome[]): number {
  const differences = ours.map(({ at5 }, i) => at5 - (theirs[i]?.at5 ?? 0))
  const error = standardError(differences)
  return error === 0 ? Math.sign(mean(differences)) : mean(differences) / error
}

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

function standardError(values: readonly number[]): number {
  const middle = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1)
  return Math.sqrt(variance / Math.max(1, values.length))
}
