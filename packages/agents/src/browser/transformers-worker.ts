/** A web worker that runs an embedding model. */
import type { EmbedderWorker, FromWorker } from '../embedder/embedder-messages.ts'

export function transformersWorker(): EmbedderWorker {
  // written out: bundlers look for this form
  const worker = new Worker(new URL('./transformers-worker-main.ts', import.meta.url), { type: 'module' })
  return {
    post: message => worker.postMessage(message),
    onAnswer(listener) {
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => listener(data)
      worker.onerror = ({ message }) => listener({ did: 'fail', message: `the worker ended: ${message}` })
    },
    terminate: () => worker.terminate(),
  }
}
