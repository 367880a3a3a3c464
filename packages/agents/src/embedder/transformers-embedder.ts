/** The `Embedder` port on `@huggingface/transformers`: a feature-extraction model in a worker of its own. */
import { AmpError, type Clock, EMBEDDER_LIMITS, type Embedder, orAborted } from '@amp-mesh/protocol'
import type { EmbedderWorker, FromWorker, ModelPlace, ToWorker } from './embedder-messages.ts'
import { neuralSpace } from './neural-space.ts'

export interface TransformersOptions extends ModelPlace {
  clock: Clock
  /** Starts a worker that runs `serveEmbedder`. */
  startWorker(): EmbedderWorker
  /** Bytes of the first download. */
  onProgress?: (loaded: number, total: number) => void
  /** Ends the embedder and its worker. */
  signal?: AbortSignal
}

/** Texts of one call: more would only take more memory at once. */
const BATCH = 16
/** Characters of a text: more than the 512 tokens such models read. */
const LONGEST = 4_000

/**
 * Resolves once the model is loaded. Rejects with AmpError `model-failed` when the library is not installed, or the
 * model lies nowhere within reach.
 */
export async function transformersEmbedder(options: TransformersOptions): Promise<Embedder> {
  const keeper = new WorkerKeeper(options)
  let last: Promise<unknown> = Promise.resolve()
  /** One batch after the other: the worker has one model, and a batch in waiting costs nothing. */
  const inTurn = (batch: readonly string[], signal: AbortSignal | undefined) => {
    const turn = last.then(async () => {
      signal?.throwIfAborted()
      return keeper.embed(batch)
    })
    last = turn.catch(() => {})
    return turn
  }
  return neuralSpace(
    `transformers:${options.model}:${options.dtype ?? 'q8'}`,
    async (texts, signal) => {
      const vectors: Float32Array[] = []
      for (let from = 0; from < texts.length; from += BATCH) {
        const batch = texts.slice(from, from + BATCH).map(text => text.slice(0, LONGEST))
        const turn = inTurn(batch, signal)
        vectors.push(...(await (signal === undefined ? turn : orAborted(turn, signal))))
      }
      return vectors
    },
    options.signal,
  )
}

/** Keeps one worker with a loaded model at hand, and puts another in its place when it has grown, hangs or ended. */
class WorkerKeeper {
  readonly #options: TransformersOptions
  #worker: EmbedderWorker | undefined
  #onAnswer: (answer: FromWorker) => void = () => {}
  /** Of the present worker: bytes after its first batch, and texts so far. */
  #weight = 0
  #texts = 0

  constructor(options: TransformersOptions) {
    this.#options = options
    options.signal?.addEventListener('abort', () => this.#end(), { once: true })
  }

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    this.#options.signal?.throwIfAborted()
    if (this.#worker === undefined) await this.#start()
    const answer = await this.#ask({ do: 'embed', texts }, EMBEDDER_LIMITS.batchMs)
    if (answer.did !== 'embed') throw failure('an embedding worker answered something else')
    this.#weigh(answer.memory, texts.length)
    const dimensions = answer.numbers.length / texts.length
    return texts.map((_, i) => answer.numbers.slice(i * dimensions, (i + 1) * dimensions))
  }

  async #start(): Promise<void> {
    const { model, localPath, cacheDir, wasmPath, dtype } = this.#options
    const place: ModelPlace = {
      model,
      ...(localPath !== undefined && { localPath }),
      ...(cacheDir !== undefined && { cacheDir }),
      ...(wasmPath !== undefined && { wasmPath }),
      ...(dtype !== undefined && { dtype }),
    }
    const worker = this.#options.startWorker()
    this.#worker = worker
    this.#weight = 0
    this.#texts = 0
    worker.onAnswer(answer => {
      if (worker === this.#worker) this.#onAnswer(answer)
    })
    await this.#ask({ do: 'load', place }, EMBEDDER_LIMITS.loadMs)
  }

  /** The answer to one message. A worker that fails or stays silent too long is ended. */
  async #ask(message: ToWorker, silenceMs: number): Promise<FromWorker> {
    const { clock, onProgress, model } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<FromWorker>()
    const giveUp = () => reject(failure(`the embedding model ${model} said nothing for ${silenceMs / 1_000} s`))
    let cancel = clock.after(silenceMs, giveUp)
    this.#onAnswer = answer => {
      cancel()
      if (answer.did === 'fail') return reject(failureOf(answer.message, this.#options))
      if (answer.did !== 'progress') return resolve(answer)
      cancel = clock.after(silenceMs, giveUp)
      onProgress?.(answer.loaded, answer.total)
    }
    this.#worker?.post(message)
    try {
      return await promise
    } catch (error) {
      this.#end()
      throw error
    } finally {
      cancel()
    }
  }

  /** The library keeps what it once took: a worker that has grown too much makes room for a new one. */
  #weigh(memory: number, texts: number): void {
    this.#weight ||= memory
    this.#texts += texts
    if (memory - this.#weight > EMBEDDER_LIMITS.growth || this.#texts >= EMBEDDER_LIMITS.textsPerWorker) this.#end()
  }

  #end(): void {
    this.#worker?.terminate()
    this.#worker = undefined
    this.#onAnswer({ did: 'fail', message: 'the embedder was ended' })
    this.#onAnswer = () => {}
  }
}

const failure = (message: string, note?: string) => new AmpError('model-failed', message, note)

function failureOf(reason: string, { model, localPath }: ModelPlace): AmpError {
  if (/Cannot find (package|module)|Failed to resolve module/.test(reason))
    return failure('the library for local models is not installed: npm install @huggingface/transformers', reason)
  const where = localPath === undefined ? 'the cache, and the hub can’t be reached or does not know it' : localPath
  return failure(`the embedding model ${model} can’t be loaded from ${where}: ${reason.split('\n')[0]}`, reason)
}
