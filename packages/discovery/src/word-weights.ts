/** How much a word says, from frozen lists: no statistics are shared between peers, so all peers weigh alike. */
import { ONE, ratio } from './fixed-point.ts'
import { CONCEPT_GROUPS } from './lexicon/concept-groups.ts'
import { FOREIGN_FUNCTION_WORDS, FUNCTION_WORDS, REQUEST_WORDS } from './lexicon/function-words.ts'
import { WORD_TABLE } from './lexicon/word-table.ts'
import { stem } from './stem.ts'
import { isNumber } from './tokens.ts'

/** The lists as one text: what the embedder's id vouches for. */
export const LEXICON = [WORD_TABLE, FUNCTION_WORDS, REQUEST_WORDS, FOREIGN_FUNCTION_WORDS, CONCEPT_GROUPS].join('\f')

/**
 * Words of the table, most frequent first, that weigh less than an unknown word. The rest only order a request's keys.
 */
const WEIGHED_WORDS = 2_000
/** Weights of DISCOVERY.md §2, times ONE. */
const NUMBER_WEIGHT = 410
const FOREIGN_WEIGHT = 102

const rarities = readTable()
const weighed = [...rarities].slice(0, WEIGHED_WORDS)
const weightOfRarity = new Map(weighed.map(([word, rarity]) => [word, ratio(rarity * ONE, weighed.at(-1)?.[1] ?? 1)]))
const rarest = [...rarities.values()].at(-1) ?? 0
const functionWords = setOf(FUNCTION_WORDS)
const requestWords = setOf(REQUEST_WORDS)
const requestStems = new Set([...requestWords].map(stem))
const foreignWords = setOf(FOREIGN_FUNCTION_WORDS)
const conceptsOfStem = readConcepts()

/** 0 (says nothing) to ONE, for a word of {@link tokenize}. */
export function weightOf(word: string): number {
  if (functionWords.has(word)) return 0
  const weight = weightOfRarity.get(word) ?? weightOfUnlisted(word)
  return requestWords.has(word) ? weight >> 1 : weight
}

/** 100 × ln(1 / share of descriptions with the word); words outside the table count as rare as its rarest. */
export const rarityOf = (word: string): number => rarities.get(word) ?? rarest

export const isListed = (word: string): boolean => rarities.has(word)

export const isFunctionWord = (word: string): boolean => functionWords.has(word)

/** A stem of a request word ("please", "return" …): it says little about what is wanted. */
export const isRequestStem = (wordStem: string): boolean => requestStems.has(wordStem)

/** Numbers of the concepts a stem belongs to. */
export const conceptsOf = (wordStem: string): readonly number[] => conceptsOfStem.get(wordStem) ?? []

function weightOfUnlisted(word: string): number {
  if (isNumber(word)) return NUMBER_WEIGHT
  return foreignWords.has(word) ? FOREIGN_WEIGHT : ONE
}

function readTable(): Map<string, number> {
  const table = new Map<string, number>()
  let rarity = 0
  for (const token of WORD_TABLE.trim().split(/\s+/)) {
    if (isNumber(token)) rarity = Number(token)
    else table.set(token, rarity)
  }
  return table
}

function readConcepts(): Map<string, number[]> {
  const concepts = new Map<string, number[]>()
  for (const [concept, line] of CONCEPT_GROUPS.trim().split('\n').entries())
    for (const member of new Set(line.split(' ').map(stem)))
      concepts.set(member, [...(concepts.get(member) ?? []), concept])
  return concepts
}

function setOf(words: string): Set<string> {
  return new Set(words.trim().split(/\s+/))
}
