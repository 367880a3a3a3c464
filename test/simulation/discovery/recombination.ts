/** More descriptions than there are: put together from the sentences of real ones, none twice. */
import { hash32 } from './chance.ts'

export interface Described {
  readonly name: string
  readonly description: string
  /** Of a recombined one: the sentences it was made of. */
  readonly sentences?: readonly string[]
}

/** Shorter ones say nothing. */
const SENTENCE = 12

/**
 * `count` of the real ones in their order, or all of them and then new ones: everything of one, but for its
 * description, which is the first sentence of another and any of a third.
 */
export function* recombined<T extends Described>(
  real: readonly T[],
  count: number,
  random: () => number,
): Generator<T> {
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
  const any = <V>(list: readonly V[]) => list[Math.floor(random() * list.length)] as V
  while (given < count) {
    const body = any(real)
    const both = [any(sentences)[0] as string, any(any(sentences))]
    const one = { ...body, description: both.join(' '), sentences: both }
    if (isNew(one)) yield one
  }
}

function sentencesOf(text: string): string[] {
  const sentences = text.match(/[^.!?\n]+[.!?]*\s*/g) ?? []
  const long = sentences.map(sentence => sentence.trim()).filter(({ length }) => length > SENTENCE)
  return long.length === 0 ? [text] : long
}
