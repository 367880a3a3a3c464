/**
 * Descriptions for a mesh of any size, none twice: the real ones of DISCOVERY.md first, then recombinations of their
 * names and sentences.
 */
import { existsSync, readFileSync } from 'node:fs'
import { chance, hash32, shuffled } from './chance.ts'

export interface Described {
  name: string
  description: string
  /** Of a recombined one: the sentences it was made of. */
  sentences?: readonly string[]
}
export interface Labelled {
  text: string
  /** Ids of right answers among the real descriptions. */
  right: readonly string[]
  source: string
}
type Line = Described & { id: string; source: string }

const FOLDER = new URL('../../../../shared/data/discovery/', import.meta.url)
export const dataIsHere = existsSync(FOLDER)
/** Shorter ones say nothing. */
const SENTENCE = 12

export const realDescriptions = (): (Described & { id: string })[] => linesOf<Line>('corpus.jsonl')

export function labelledRequests(): Labelled[] {
  const lines = linesOf<{ query: string; relevant: string[]; source: string }>('queries.jsonl')
  return lines.map(({ query, relevant, source }) => ({ text: query, right: relevant, source }))
}

/** `count` descriptions: a sample of the real ones, or all of them and recombinations. */
export function* descriptions(count: number, seed: number): Generator<Described> {
  const random = chance(seed)
  const real = shuffled(realDescriptions(), random)
  const seen = new Set<number>()
  let given = 0
  const isNew = ({ name, description }: Described) => {
    const text = `${name}\f${description}`
    // 53 bits of hash: a million whole texts would fill memory; by chance one in nine thousand millions is left out
    const { size } = seen.add(hash32(text, 1) * 2 ** 21 + (hash32(text, 2) >>> 11))
    const grew = size > given
    if (grew) given += 1
    return grew
  }
  for (const one of real) {
    if (given >= count) return
    if (isNew(one)) yield one
  }
  const sentences = real.map(({ description }) => sentencesOf(description))
  const any = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  while (given < count) {
    const { name } = any(real)
    const both = [any(sentences)[0] as string, any(any(sentences))]
    const one = { name, description: both.join(' '), sentences: both }
    if (isNew(one)) yield one
  }
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

function sentencesOf(text: string): string[] {
  const sentences = text.match(/[^.!?\n]+[.!?]*\s*/g) ?? []
  const long = sentences.map(sentence => sentence.trim()).filter(({ length }) => length > SENTENCE)
  return long.length === 0 ? [text] : long
}

const linesOf = <T>(file: string): T[] =>
  readFileSync(new URL(file, FOLDER), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as T)
