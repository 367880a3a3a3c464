/** The worker's side of a transformers embedder: the library, its pipeline, one batch at a time. */
import type { FeatureExtractionPipeline } from '@huggingface/transformers'
import type { FromWorker, ModelPlace, ToWorker } from './embedder-messages.ts'

type Library = typeof import('@huggingface/transformers')

export interface ServeInit {
  /** `@huggingface/transformers`, wherever it is installed. */
  library(): Promise<Library>
  answer(answer: FromWorker): void
  /** Bytes this process takes. */
  memory(): number
}

/** Gives what to call with each message; they are worked off in order. */
export function serveEmbedder({ library, answer, memory }: ServeInit): (message: ToWorker) => void {
  let extract: FeatureExtractionPipeline | undefined
  const work = async (message: ToWorker) => {
    if (message.do === 'load') {
      extract = await load(await library(), message.place, answer)
      return answer({ did: 'load' })
    }
    if (extract === undefined) throw new Error('no model is loaded')
    const output = await extract([...message.texts], { pooling: 'mean', normalize: true })
    const numbers = Float32Array.from(output.data as Iterable<number>)
    output.dispose()
    answer({ did: 'embed', numbers, memory: memory() })
  }
  let last = Promise.resolve()
  return message => {
    last = last
      .then(() => work(message))
      .catch(error => answer({ did: 'fail', message: error instanceof Error ? error.message : String(error) }))
  }
}

async function load(
  { pipeline, env, LogLevel }: Library,
  { model, localPath, cacheDir, wasmPath, dtype = 'q8' }: ModelPlace,
  answer: ServeInit['answer'],
): Promise<FeatureExtractionPipeline> {
  env.logLevel = LogLevel.ERROR
  if (cacheDir !== undefined) env.cacheDir = cacheDir
  if (localPath !== undefined) {
    env.allowLocalModels = true
    env.localModelPath = localPath
    env.allowRemoteModels = false
  }
  if (wasmPath !== undefined && env.backends.onnx.wasm !== undefined) {
    env.backends.onnx.wasm.wasmPaths = wasmPath
    // threads would need a page that is cross-origin isolated
    env.backends.onnx.wasm.numThreads = 1
  }
  const files = new Map<string, { loaded: number; total: number }>()
  return pipeline('feature-extraction', model, {
    dtype,
    progress_callback: progress => {
      if (progress.status !== 'progress') return
      files.set(progress.file, { loaded: progress.loaded, total: progress.total })
      const sum = (of: 'loaded' | 'total') => [...files.values()].reduce((all, file) => all + file[of], 0)
      answer({ did: 'progress', loaded: sum('loaded'), total: sum('total') })
    },
  })
}
