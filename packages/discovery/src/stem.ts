/**
 * A light English stemmer: folds the forms of a word (plural, -ing, -ed, -ation …) into one; other scripts stay as
 * they are.
 */

/** Endings in the order they are tried, each with the fewest letters that must stay. Only the first that fits goes. */
const ENDINGS: readonly (readonly [ending: string, stays: number])[] = [
  ['ization', 3],
  ['ational', 3],
  ['ation', 4],
  ['ition', 4],
  ['ion', 4],
  ['ment', 4],
  ['ing', 3],
  ['edly', 3],
  ['ed', 3],
  ['ly', 4],
  ['er', 4],
  ['or', 4],
  ['ize', 4],
  ['ive', 4],
]

/** `word` in lower case. The result is a name for the family of words, not always a word. */
export function stem(word: string): string {
  if (word.length < 4 || /[^a-z]/.test(word)) return word
  let base = singular(word)
  const fits = ENDINGS.find(([ending, stays]) => base.endsWith(ending) && base.length - ending.length >= stays)
  if (fits !== undefined) base = base.slice(0, -fits[0].length)
  if (/([bdfgmnprt])\1$/.test(base)) base = base.slice(0, -1) // running -> run
  if (base.length > 3 && base.endsWith('e')) base = base.slice(0, -1)
  if (base.length > 3 && base.endsWith('y')) base = `${base.slice(0, -1)}i`
  if (base.length > 4 && base.endsWith('at')) base = base.slice(0, -2) // calculate and calculation -> calcul
  return base
}

/** Harman's S-stemmer (1991). */
function singular(word: string): string {
  if (word.length > 4 && /[^ea]ies$/.test(word)) return `${word.slice(0, -3)}y`
  if (word.length > 3 && /[^aeo]es$/.test(word)) return word.slice(0, -1)
  if (word.length > 3 && /[^us]s$/.test(word)) return word.slice(0, -1)
  return word
}
