/** Text to words: the first step of everything lexical. */

const CJK = '[\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7af]'
const WORD = new RegExp(`${CJK}|(?:(?!${CJK})[\\p{L}\\p{M}])+|\\d+`, 'gu')
const ONE_CJK = new RegExp(`^${CJK}$`)
/** Longer runs of letters are data, not words; only their beginning counts. */
const WORD_LENGTH = 48
/** Words of one text that count: a card of 16 KiB holds fewer. */
const WORDS = 4_096

/**
 * The words of a text in order, lower case: NFKC, camelCase, snake_case and letters beside digits taken apart. A
 * Chinese, Japanese or Korean character is a word of its own. What a letter is, the engine's Unicode tables say: only
 * characters newer than an engine can part it from others.
 */
export function tokenize(text: string): string[] {
  const words: string[] = []
  const apart = text
    .normalize('NFKC')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
  for (const [word] of apart.matchAll(WORD)) {
    words.push(word.slice(0, WORD_LENGTH))
    if (words.length === WORDS) break
  }
  return words
}

export const isCjk = (word: string): boolean => ONE_CJK.test(word)

export const isNumber = (word: string): boolean => /^\d+$/.test(word)
