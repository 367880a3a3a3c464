/**
 * The built-in embedder `static-1024`: text to 1,024 numbers from words alone, no model, no download, the same bits on
 * every peer and engine. Recipe and figures: DISCOVERY.md §1-2. All sums are of whole numbers; only the last division
 * is not.
 */
import { type Embedder, sha256, toBase64url, utf8 } from '@amp-mesh/protocol'
import { ln, ONE, ratio, root } from './fixed-point.ts'
import { SMALL_PRINT, SMALL_PRINT_SHARE } from './small-print.ts'
import { stem } from './stem.ts'
import { isCjk, tokenize } from './tokens.ts'
import { conceptsOf, LEXICON, weightOf } from './word-weights.ts'

const DIMENSIONS = 1_024
/** Raised whenever the code below gives other vectors for the same lists. */
const RECIPE = 2
/** Parts of a word's worth: its stem, its 3-5-grams together, its concepts together; a pair counts half. */
const SHARE = { stem: 2, grams: 3, concepts: 2 } as const
const SEED = { stem: 0x1234567, gram: 0x9747b28c, pair: 0x2545f491, concept: 0x51ed270b } as const
/** Of a word in small print. */
const SMALL = ratio(SMALL_PRINT_SHARE * ONE, 1)
/** Words whose hashes are remembered; a vocabulary of a mesh is smaller, a flood of made-up words is not. */
const REMEMBERED_WORDS = 20_000

/** What of a word's features depends on the word alone. `*Part`: value of one such feature for a word of weight ONE. */
interface Word {
  readonly stem: string
  readonly weight: number
  readonly cjk: boolean
  readonly stemHash: number
  readonly gramHashes: readonly number[]
  readonly gramPart: number
  readonly conceptHashes: readonly number[]
  readonly conceptPart: number
}

/** Text to unit vectors, at once and without waiting; as `Embedder` also for those who wait. */
export class LexicalEmbedder implements Embedder {
  readonly id: string = SPACE
  readonly dimensions = DIMENSIONS
  readonly #words = new Map<string, Word>()

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    signal?.throwIfAborted()
    return texts.map(text => this.embedText(text))
  }

  /** The unit vector of a text; all zeros if no word of it says anything. */
  embedText(text: string): Float32Array {
    const sums = this.#sums(text)
    const length = Math.sqrt(sums.reduce((square, sum) => square + sum * sum, 0)) || 1
    const unit = new Float32Array(DIMENSIONS)
    sums.forEach((sum, slot) => {
      unit[slot] = sum / length
    })
    return unit
  }

  /** The same direction in whole numbers -127..127, the largest at ±127: for cards, wires and golden vectors. */
  embedInt8(text: string): Int8Array {
    const sums = this.#sums(text)
    const largest = sums.reduce((most, sum) => Math.max(most, Math.abs(sum)), 1)
    return new Int8Array(sums.map(sum => Math.sign(sum) * ratio(Math.abs(sum) * 127, largest)))
  }

  /** Each feature falls into one slot, with a sign; repetition counts by its logarithm. */
  #sums(text: string): Int32Array {
    const sums = new Int32Array(DIMENSIONS)
    for (const [hash, value] of this.#features(text)) {
      const slot = hash % DIMENSIONS
      const damped = value <= ONE ? value : ONE + ln(value)
      sums[slot] = (sums[slot] ?? 0) + (hash >= 0x80000000 ? -damped : damped)
    }
    return sums
  }

  #features(text: string): Map<number, number> {
    const features = new Map<number, number>()
    const add = (hash: number, value: number) => features.set(hash, (features.get(hash) ?? 0) + value)
    const [large = '', ...small] = text.split(SMALL_PRINT)
    this.#addWords(tokenize(large), ONE, add)
    this.#addWords(tokenize(small.join(' ')), SMALL, add)
    return features
  }

  /** `share`: what the words count, times ONE. */
  #addWords(tokens: readonly string[], share: number, add: (hash: number, value: number) => void): void {
    let previous: { stem: string; weight: number } | undefined
    for (const token of tokens) {
      const word = this.#word(token)
      const weight = ratio(word.weight * share, ONE)
      if (weight === 0) continue // does not part its neighbours
      add(word.stemHash, word.cjk ? weight : SHARE.stem * weight)
      for (const hash of word.gramHashes) add(hash, ratio(weight * word.gramPart, ONE))
      for (const hash of word.conceptHashes) add(hash, ratio(weight * word.conceptPart, ONE))
      if (previous !== undefined) {
        const mean = root(weight * previous.weight)
        // a single CJK character says little, two neighbours are a word
        add(hashOf(`${previous.stem} ${word.stem}`, SEED.pair), word.cjk ? mean : mean >> 1)
      }
      previous = { stem: word.stem, weight }
    }
  }

  #word(token: string): Word {
    let word = this.#words.get(token)
    if (word === undefined) {
      if (this.#words.size >= REMEMBERED_WORDS) this.#words.clear()
      word = describe(token)
      this.#words.set(token, word)
    }
    return word
  }
}

function describe(token: string): Word {
  const wordStem = stem(token)
  const cjk = isCjk(token)
  const gramHashes = cjk ? [] : gramsOf(`<${wordStem}>`).map(gram => hashOf(gram, SEED.gram))
  const conceptHashes = conceptsOf(wordStem).map(concept => hashOf(`g${concept}`, SEED.concept))
  return {
    stem: wordStem,
    weight: weightOf(token),
    cjk,
    stemHash: hashOf(wordStem, SEED.stem),
    gramHashes,
    gramPart: partOf(SHARE.grams, gramHashes.length),
    conceptHashes,
    conceptPart: partOf(SHARE.concepts, conceptHashes.length),
  }
}

/** share / sqrt(count), times ONE: many features of one word together weigh the share. */
function partOf(share: number, count: number): number {
  return count === 0 ? 0 : root(Math.floor((share * share * ONE * ONE) / count))
}

function gramsOf(text: string): string[] {
  const grams: string[] = []
  for (let length = 3; length <= 5; length++)
    for (let at = 0; at + length <= text.length; at++) grams.push(text.slice(at, at + length))
  return grams
}

/** FNV-1a over UTF-16 units, then the finaliser of MurmurHash3: 32 bits. */
function hashOf(text: string, seed: number): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const SPACE = `static-1024/${fingerprint()}`

function fingerprint(): string {
  const constants = JSON.stringify([RECIPE, DIMENSIONS, SHARE, SMALL, SEED])
  return toBase64url(sha256(utf8(`${constants}\f${LEXICON}`))).slice(0, 16)
}
