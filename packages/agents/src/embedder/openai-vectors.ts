/** Embeddings of any endpoint that speaks the OpenAI API. */
import {
  AmpError,
  type Clock,
  type Embedder,
  orAborted,
  type Random,
  sha256,
  toBase64url,
  utf8,
} from '@amp-mesh/protocol'
import type { Watch } from '../model/deadline.ts'
import { OpenAiCalls } from '../model/openai-calls.ts'
import { neuralSpace } from './neural-space.ts'

export interface OpenAiEmbedderOptions {
  baseURL: string
  apiKey: string
  /** The model's name at that endpoint. */
  model: string
  clock: Clock
  random: Random
  /** Vectors that were paid for once. */
  cache?: VectorCache
  /** One batch with all its retries, ms (default 30,000). */
  deadlineMs?: number
  signal?: AbortSignal
}

/** Vectors by a hash of endpoint, model and text. What is lost is embedded again. */
export interface VectorCache {
  get(key: string): Promise<Float32Array | undefined>
  put(key: string, vector: Float32Array): Promise<void>
}

const DEADLINE_MS = 30_000
/** Texts of one call: the most that common servers take is 2,048, but a lost call should not be a great one. */
const BATCH = 128
/** Characters of a text: some 8,000 tokens, the most such a model reads, in the scripts that need most of them. */
const LONGEST = 8_000

/** The embedder, its client loaded. Rejects as `openaiEmbedder` says. */
export function openaiVectors(options: OpenAiEmbedderOptions): Promise<Embedder> {
  const { baseURL, model, cache, deadlineMs = DEADLINE_MS } = options
  const calls = new OpenAiCalls({ ...options, deadlineMs })
  const keyOf = (text: string) => toBase64url(sha256(utf8(JSON.stringify([baseURL, model, text]))))

  async function once(input: string[], watch: Watch): Promise<Float32Array[]> {
    const sent = calls.client.embeddings.create({ model, input, encoding_format: 'float' }, { signal: watch.signal })
    const { data } = await orAborted(sent, watch.signal)
    return data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => Float32Array.from(embedding))
  }

  /** A cache that fails is one that holds nothing. */
  async function encode(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const read = texts.map(text => (text.trim() === '' ? '-' : text.slice(0, LONGEST)))
    const known = new Map<string, Float32Array>()
    for (const text of new Set(read)) {
      const vector = await cache?.get(keyOf(text)).catch(() => undefined)
      if (vector !== undefined) known.set(text, vector)
    }
    const missing = [...new Set(read)].filter(text => !known.has(text))
    for (let from = 0; from < missing.length; from += BATCH) {
      const batch = missing.slice(from, from + BATCH)
      const vectors = await calls.call(watch => once(batch, watch), signal)
      if (vectors.length !== batch.length)
        throw new AmpError('model-failed', `${baseURL} gave ${vectors.length} vectors for ${batch.length} texts`)
      for (const [i, vector] of vectors.entries()) {
        const text = batch[i] ?? ''
        known.set(text, vector)
        await cache?.put(keyOf(text), vector).catch(() => undefined)
      }
    }
    return read.map(text => known.get(text) ?? new Float32Array())
  }

  return neuralSpace(`openai:${model}`, encode, options.signal)
}
