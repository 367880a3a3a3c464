/** Is it said already? The same words under the same parent, or words that mean the same. */
import { parentOf, type Records, wordsOf } from '@amp-mesh/context'
import { nearest } from '@amp-mesh/discovery'
import { canonicalText, type Embedder, type Op, type Rec } from '@amp-mesh/protocol'

/**
 * Cosine from which two texts may be the same. Measured with the built-in embedder: paraphrases .80-.90 and above, the
 * same sentence with an article changed .997, other advice in the same matter .29.
 */
export const SAME = 0.9

/** Kinds whose text is prose: compared by meaning. */
const PROSE: ReadonlySet<string> = new Set(['proposal', 'build_on', 'concern', 'need'])
/** Texts compared with a new one, the latest: older ones are compared word by word only. */
const COMPARED = 256

/** A live record that says the same as `op`, or undefined. Vectors come from `embedder`, whatever its space. */
export async function saidAlready(
  op: Op,
  records: Records,
  embedder: Embedder,
  signal?: AbortSignal,
): Promise<Rec | undefined> {
  if (op.k === 'fact') return records.of('fact').find(fact => sameStatement(fact.op, op))
  if (!PROSE.has(op.k)) return undefined
  const siblings = records.of(op.k).filter(record => parentOf(record.op) === parentOf(op))
  const text = contentOf(op)
  const exact = siblings.find(record => plain(wordsOf(record.op)) === plain(text))
  if (exact !== undefined) return exact
  const near = siblings.slice(-COMPARED).filter(record => sameSpecifics(wordsOf(record.op), text))
  if (near.length === 0) return undefined
  const [vector, ...others] = await embedder.embed([text, ...near.map(({ op }) => wordsOf(op))], signal)
  const closest = vector === undefined ? undefined : nearest(vector, others)
  return closest !== undefined && closest.similarity >= SAME ? near[closest.index] : undefined
}

/**
 * Same subject, predicate, object, words and place; how sure one is does not matter. Words and place count, or a liar
 * that states a true triple first, with false words, would silence whoever has the right ones.
 */
const sameStatement = (a: Op<'fact'>, b: Op<'fact'>): boolean => statementOf(a) === statementOf(b)

const statementOf = ({ s, p, o, text, src }: Op<'fact'>): string => canonicalText([s, p, o, text ?? null, src ?? null])

const contentOf = (op: Op): string => ('content' in op ? op.content : '')

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()

const NEGATION = /^(no|not|never|none|nothing|neither|nor|without|cannot|\p{L}+n['’]t)$/u

/**
 * Two texts that differ in a number, path, name of code or a negation say different things, however alike they sound:
 * "a.ts has no test" and "b.ts has no test" have a cosine of .96.
 */
function sameSpecifics(a: string, b: string): boolean {
  const [ours, theirs] = [specifics(a), specifics(b)]
  return ours.length === theirs.length && ours.every((word, i) => word === theirs[i])
}

function specifics(text: string): string[] {
  const words = text
    .normalize('NFKC')
    .split(/\s+/)
    .map(word => word.replace(/^[^\p{L}\p{N}@./]+|[^\p{L}\p{N}]+$/gu, ''))
  const telling = words.filter(
    word => /[^\p{L}'’-]/u.test(word) || /\p{Ll}\p{Lu}/u.test(word) || NEGATION.test(word.toLowerCase()),
  )
  return [...new Set(telling)].sort()
}
