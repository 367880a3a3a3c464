/** Problems and their keys: when two questions are the same one, so that what was found for one answers the other. */
import { sha256, toBase64url } from './bytes.ts'
import { canonicalBytes, type Json } from './canonical-json.ts'
import type { Op } from './vocabulary.ts'

/**
 * The cache key of a problem: b64u(sha(canonical [version, words, context])). `context`: what it is about, as it stands
 * (a repository's commit, a document's hash); the same words about something else are another problem.
 */
export function problemKey(problem: string, context: Json = null): string {
  return toBase64url(sha256(canonicalBytes(['problem/1', normalisedProblem(problem), context])))
}

/**
 * The key of a question; undefined for one whose `context` says where something is but not (`about`) in which state:
 * nobody can tell whether it is still the same.
 */
export function questionKey({ query, goal, requirements, capability, context, about }: Op<'broadcast'>) {
  if (context !== undefined && about === undefined) return undefined
  const aims: Json = [goal, ...(requirements ?? []), capability].map(part => normalisedProblem(part ?? ''))
  return problemKey(query, [aims, about ?? null])
}

/**
 * Words that ask the same have one form: case, kinds of blanks, quotes and dashes, and the mark at the end fall away.
 * Nothing else does: no word is dropped and none is stemmed, since "not", "to" or a plural can turn a question round.
 * A hit that is wrong costs more than a miss.
 */
export function normalisedProblem(text: string): string {
  const plain = text.normalize('NFC').replace(WIDTHS, variant => variant.normalize('NFKC'))
  const lines = plain
    .replace(/[‘’‚‛]/g, "'")
    .replace(/[“”„‟«»]/g, '"')
    .replace(/[‐‑‒–—−]/g, '-')
    .split('\n')
    .map(line => line.replace(/(?<=\S)\s+/g, ' ').trimEnd())
  // indentation means something in code, not before the first word
  const joined = lines.join('\n').trim()
  return joined.replace(/\S+/g, foldCase).replace(END_MARKS, '')
}

/**
 * Full- and half-width forms, ligatures and blanks, which only look different. The rest of NFKC would make 10² the same
 * as 102.
 */
const WIDTHS = /[\uff00-\uffef\ufb00-\ufb06\u00a0\u2000-\u200a\u202f\u3000]/g

/** A question mark more or less asks nothing else; the marks of `3!` and `..` do. */
const END_MARKS = /(?:\s*[?？]|(?<=[\p{L}\p{N}?!)"'\]])[.…。]+|(?<=\S)(?<!\d!*)!)+$/u

/** Case carries meaning in names of code (getUser, NODE_ENV, iOS) and in abbreviations (US), not at a word's start. */
function foldCase(word: string): string {
  const isOrdinary = /^\p{L}?\P{Lu}*$/u.test(word.replace(/[^\p{L}]/gu, ''))
  const isCode = /[\p{N}_/\\.@#$]\S/u.test(word)
  return isOrdinary && !isCode ? word.toLowerCase() : word
}
