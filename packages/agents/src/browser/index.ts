/** @amp-mesh/agents/browser: what agents need of a tab: a worker for an embedding model. */
import type { Embedder } from '@amp-mesh/protocol'
import { type TransformersOptions, transformersEmbedder } from '../embedder/transformers-embedder.ts'
import { transformersWorker } from './transformers-worker.ts'

/** As `transformersEmbedder`, in a web worker. */
export const tabEmbedder = (options: Omit<TransformersOptions, 'startWorker'>): Promise<Embedder> =>
  transformersEmbedder({ ...options, startWorker: transformersWorker })
