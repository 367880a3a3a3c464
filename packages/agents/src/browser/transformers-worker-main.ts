/** The web worker of an embedding model. A browser tells nobody what a worker takes: it is renewed by its work done. */
import type { ToWorker } from '../embedder/embedder-messages.ts'
import { serveEmbedder } from '../embedder/serve-embedder.ts'

const serve = serveEmbedder({
  library: () => import('@huggingface/transformers'),
  answer: answer => postMessage(answer),
  memory: () => 0,
})
addEventListener('message', ({ data }: MessageEvent<ToWorker>) => serve(data))
