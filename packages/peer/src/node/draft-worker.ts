/** Runs a draft in a thread of its own, with a heap of its own. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { DRAFT_LIMITS } from '@amp-mesh/protocol'
import type { DraftWorker } from '../drafts/draft-port.ts'

/** Beside this file, and built like it. */
const MAIN = new URL(`./draft-worker-main${extname(import.meta.url)}`, import.meta.url)

export function startDraftWorker(): DraftWorker {
  const worker = new Worker(MAIN, {
    resourceLimits: { maxOldGenerationSizeMb: DRAFT_LIMITS.workerMiB },
    execArgv: [], // such as --eval or --input-type are for the main program
  })
  worker.unref()
  return {
    post: message => worker.postMessage(message),
    onMessage: listener => worker.on('message', listener),
    onEnd(listener) {
      worker.on('error', error => listener(String(error)))
      worker.on('exit', () => listener('its worker ended'))
    },
    cpuMs: () => cpuMs(worker),
    terminate: () => void worker.terminate(),
  }
}

/** Node has told it since 24.6. */
async function cpuMs(worker: Worker & { cpuUsage?(): Promise<{ user: number; system: number }> }) {
  const usage = await worker.cpuUsage?.().catch(() => undefined)
  return usage === undefined ? undefined : (usage.user + usage.system) / 1_000
}
