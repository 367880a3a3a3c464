/** BM25 (k1 1.2, b 0.75) with stop words and light stems, on an inverted index: the rival. */
import { highest } from '../../packages/discovery/src/highest.ts'
import { tokenize } from '../../packages/discovery/src/index.ts'
import { stem } from '../../packages/discovery/src/stem.ts'
import { isFunctionWord } from '../../packages/discovery/src/word-weights.ts'
import type { Search } from './recall.ts'
import type { Description } from './tasks.ts'

const K1 = 1.2
const B = 0.75

/** All fields count alike: so it does best. */
export function bm25(descriptions: readonly Description[]): Search {
  const postings = new Map<string, Map<number, number>>()
  const lengths = descriptions.map((description, at) => {
    const terms = termsOf(textOf(description))
    for (const term of terms) {
      const posting = postings.get(term) ?? new Map<number, number>()
      postings.set(term, posting.set(at, (posting.get(at) ?? 0) + 1))
    }
    return terms.length
  })
  const usual = lengths.reduce((sum, length) => sum + length, 0) / lengths.length
  return async request => {
    const scores = new Float64Array(lengths.length)
    for (const term of new Set(termsOf(request))) {
      const posting = postings.get(term) ?? new Map<number, number>()
      const rarity = Math.log(1 + (lengths.length - posting.size + 0.5) / (posting.size + 0.5))
      for (const [at, count] of posting) {
        const norm = K1 * (1 - B + (B * (lengths[at] ?? 0)) / usual)
        scores[at] = (scores[at] ?? 0) + (rarity * count * (K1 + 1)) / (count + norm)
      }
    }
    return highest(scores, 100).map(at => ({ at }))
  }
}

const textOf = ({ name, description, smallPrint: { parameters, tags } }: Description) =>
  [name, description, parameters, ...tags].join(' ')

const termsOf = (text: string) => tokenize(text).flatMap(word => (isFunctionWord(word) ? [] : stem(word)))
