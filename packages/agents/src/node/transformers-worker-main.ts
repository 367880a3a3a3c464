/** The thread of an embedding model. The library is looked for beside us, then in the folder the process runs in. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort } from 'node:worker_threads'
import { serveEmbedder } from '../embedder/serve-embedder.ts'

const NAME = '@huggingface/transformers'

const serve = serveEmbedder({
  library: () => import('@huggingface/transformers').catch(() => fromWorkingFolder()),
  answer: answer => parentPort?.postMessage(answer),
  memory: () => process.memoryUsage().rss,
})
parentPort?.on('message', serve)

async function fromWorkingFolder(): Promise<typeof import('@huggingface/transformers')> {
  const path = createRequire(join(process.cwd(), 'package.json')).resolve(NAME)
  return import(pathToFileURL(path).href)
}
