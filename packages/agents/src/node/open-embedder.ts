/** The embedder a person names: `auto`, `lexical`, `transformers:<model>` or `openai:<model>`. */
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { LexicalEmbedder } from '@amp-mesh/discovery'
import { dataRoot, systemClock, systemRandom } from '@amp-mesh/peer/node'
import { AmpError, type Embedder } from '@amp-mesh/protocol'
import type { ModelPlace } from '../embedder/embedder-messages.ts'
import { openaiEmbedder } from '../embedder/openai-embedder.ts'
import { transformersEmbedder } from '../embedder/transformers-embedder.ts'
import { endpointFromEnvironment } from './environment.ts'
import { transformersWorker } from './transformers-worker.ts'
import { vectorFolder } from './vector-folder.ts'

export interface OpenEmbedderOptions {
  env?: NodeJS.ProcessEnv
  /** Where models and vectors are kept (default: in the platform's data folder). */
  folder?: string
  /** Bytes of a first download. */
  onProgress?: (loaded: number, total: number) => void
  /** Told, for people, when the one named can't be had and the built-in one takes its place. */
  onFallback?: (why: string) => void
  /** Ends the embedder. */
  signal?: AbortSignal
}

/** Small, good at sentences, with weights that were made for this library. */
const AUTO_MODEL = 'Xenova/all-MiniLM-L6-v2'

/**
 * Never rejects because a model is out of reach: a peer finds with words too. `auto`: a model of the hub if it was
 * downloaded before, else the built-in embedder; it downloads nothing. Throws AmpError `bad-input` on other names.
 */
export async function openEmbedder(name: string, options: OpenEmbedderOptions = {}): Promise<Embedder> {
  const [kind, model = ''] = split(name)
  const folder = options.folder ?? dataRoot()
  const models = join(folder, 'models')
  if (kind === 'lexical') return new LexicalEmbedder()
  if (kind === 'auto') {
    if (!existsSync(join(models, AUTO_MODEL))) return new LexicalEmbedder()
    return orLexical(load({ model: AUTO_MODEL, localPath: models }, options), options)
  }
  if (kind === 'transformers' && model !== '') return orLexical(load(placeOf(model, models), options), options)
  if (kind === 'openai' && model !== '') return orLexical(remoteModel(model, join(folder, 'vectors'), options), options)
  throw new AmpError(
    'bad-input',
    `no embedder is called "${name.slice(0, 80)}": it is auto, lexical, transformers:<model> or openai:<model>`,
  )
}

function split(name: string): [kind: string, model?: string] {
  const colon = name.indexOf(':')
  return colon < 0 ? [name] : [name.slice(0, colon), name.slice(colon + 1)]
}

/** A folder that exists is the model itself; other names are the hub's. */
function placeOf(model: string, cacheDir: string): ModelPlace {
  const path = resolve(model)
  return existsSync(path) ? { model: basename(path), localPath: dirname(path) } : { model, cacheDir }
}

function load(place: ModelPlace, { onProgress, signal }: OpenEmbedderOptions): Promise<Embedder> {
  return transformersEmbedder({
    ...place,
    clock: systemClock,
    startWorker: transformersWorker,
    ...(onProgress !== undefined && { onProgress }),
    ...(signal !== undefined && { signal }),
  })
}

async function remoteModel(model: string, folder: string, { env, signal }: OpenEmbedderOptions): Promise<Embedder> {
  const endpoint = endpointFromEnvironment(env)
  if (endpoint === undefined)
    throw new AmpError('model-failed', 'no endpoint is set for embeddings: set OPENAI_API_KEY or OPENAI_BASE_URL')
  const cache = await vectorFolder(folder)
  const ports = { clock: systemClock, random: systemRandom }
  return openaiEmbedder({ ...endpoint, ...ports, model, cache, ...(signal !== undefined && { signal }) })
}

async function orLexical(opening: Promise<Embedder>, { onFallback, signal }: OpenEmbedderOptions): Promise<Embedder> {
  try {
    return await opening
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof AmpError && error.code === 'model-failed')) throw error
    onFallback?.(error.message)
    return new LexicalEmbedder()
  }
}
