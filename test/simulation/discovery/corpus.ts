/** Descriptions for a mesh of any size, and requests with right answers: those of DISCOVERY.md. */
import { existsSync, readFileSync } from 'node:fs'
import { chance, shuffled } from './chance.ts'
import { type Described, recombined } from './recombination.ts'

export interface Labelled {
  text: string
  /** Ids of right answers among the real descriptions. */
  right: readonly string[]
  source: string
}
type Line = Described & { id: string; source: string }

const FOLDER = new URL('../../../../shared/data/discovery/', import.meta.url)
export const dataIsHere = existsSync(FOLDER)

export const realDescriptions = (): (Described & { id: string })[] => linesOf<Line>('corpus.jsonl')

export function labelledRequests(): Labelled[] {
  const lines = linesOf<{ query: string; relevant: string[]; source: string }>('queries.jsonl')
  return lines.map(({ query, relevant, source }) => ({ text: query, right: relevant, source }))
}

/** `count` descriptions: a sample of the real ones, or all of them and recombinations. */
export function descriptions(count: number, seed: number): Generator<Described> {
  const random = chance(seed)
  return recombined<Described>(shuffled(realDescriptions(), random), count, random)
}

/** `count` requests, as many of each source, in an order by the seed. */
export function sampleOfRequests(count: number, seed: number): Labelled[] {
  const random = chance(seed)
  const all = labelledRequests()
  const sources = [...new Set(all.map(({ source }) => source))]
  const each = Math.ceil(count / sources.length)
  const sample = sources.flatMap(source =>
    shuffled(
      all.filter(one => one.source === source),
      random,
    ).slice(0, each),
  )
  return shuffled(sample, random).slice(0, count)
}

const linesOf = <T>(file: string): T[] =>
  readFileSync(new URL(file, FOLDER), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as T)
