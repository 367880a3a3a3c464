/** More descriptions than there are: put together from the sentences of real ones, none twice. */
import { SeededRandom } from '../../test/simulation/space.ts'
import type { Description } from './tasks.ts'

const SEED = 11
/** Shorter ones say nothing. */
const SENTENCE = 12

/**
 * The first `count` of the descriptions, then new ones: the name and small print of one, the first sentence of another
 * and any of a third.
 */
export function recombined(descriptions: readonly Description[], count: number): Description[] {
  const random = new SeededRandom(SEED)
  const sentences = descriptions.map(({ description }) => sentencesOf(description)).filter(list => list.length > 0)
  const all = descriptions.slice(0, count)
  const seen = new Set(all.map(({ name, description }) => `${name} ${description}`))
  while (all.length < count) {
    const description = [random.pick(sentences)[0], random.pick(random.pick(sentences))].join(' ')
    const made = { ...random.pick(descriptions), description }
    const text = `${made.name} ${description}`
    if (!seen.has(text)) all.push(made)
    seen.add(text)
  }
  return all
}

const sentencesOf = (text: string): string[] =>
  (text.match(/[^.!?\n]+[.!?]*/g) ?? []).map(sentence => sentence.trim()).filter(({ length }) => length > SENTENCE)
