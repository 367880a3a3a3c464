/** Subjects as in NATS: words with dots between them; in patterns `*` stands for one word, `>` for all that follow. */
import { AmpError, WIRE_LIMITS } from '@amp-mesh/protocol'

/** Printable ASCII but space, dot and the two wildcards. */
const WORD = /^[!-)+\-/-=?-~,]+$/

export function isSubject(text: string): boolean {
  return text.length <= WIRE_LIMITS.subject && text.split('.').every(word => WORD.test(word))
}

export function isPattern(text: string): boolean {
  const words = text.split('.')
  const isPart = (word: string, n: number) =>
    word === '*' || (word === '>' && n === words.length - 1) || WORD.test(word)
  return text.length <= WIRE_LIMITS.subject && words.every(isPart)
}

/** Whether a subject fits the pattern. Throws `bad-input` on what is no pattern. */
export function matcherOf(pattern: string): (subject: string) => boolean {
  if (!isPattern(pattern))
    throw new AmpError(
      'bad-input',
      `not a subject: ${pattern.slice(0, 80)}; write words like news.weather, news.* or news.>`,
    )
  const words = pattern.split('.')
  const isOpen = words.at(-1) === '>'
  const fixed = isOpen ? words.slice(0, -1) : words
  return subject => {
    const given = subject.split('.')
    if (isOpen ? given.length <= fixed.length : given.length !== fixed.length) return false
    return fixed.every((word, n) => word === '*' || word === given[n])
  }
}
