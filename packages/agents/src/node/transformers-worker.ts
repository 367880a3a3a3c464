/** A thread that runs an embedding model. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EmbedderWorker, FromWorker } from '../embedder/embedder-messages.ts'

/** Beside this file, and built like it. */
const MAIN = new URL(`./transformers-worker-main${extname(import.meta.url)}`, import.meta.url)

/** Holds the process only while it is asked something. */
export function transformersWorker(): EmbedderWorker {
  const worker = new Worker(MAIN, { execArgv: [] }) // such as --eval are for the main program
  worker.unref()
  return {
    post(message) {
      worker.ref()
      worker.postMessage(message)
    },
    onAnswer(listener) {
      worker.on('message', (answer: FromWorker) => {
        if (answer.did !== 'progress') worker.unref()
        listener(answer)
      })
      worker.once('error', error => listener({ did: 'fail', message: `the worker ended: ${error.message}` }))
      worker.once('exit', code => listener({ did: 'fail', message: `the worker ended with code ${code}` }))
    },
    terminate: () => void worker.terminate(),
  }
}
