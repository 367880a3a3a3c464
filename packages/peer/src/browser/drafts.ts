/** @amp-mesh/peer/browser/drafts: collaborative texts in a tab. The page brings the worker, as its bundler wants it. */

import type { Peer } from '../contract.ts'
import type { DraftWorker, FromWorker, ToWorker } from '../drafts/draft-port.ts'
import { draftService } from '../drafts/draft-service.ts'
import { DraftShelf } from '../drafts/draft-shelf.ts'

/** Where messages come and go inside a worker. */
export interface WorkerScope {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
}

/**
 * The drafts of a peer that lives in this tab. `startWorker` starts a module worker whose file calls
 * `serveDraft(self)`: `new Worker(new URL('./draft.ts', import.meta.url), { type: 'module' })`.
 */
export const draftsOf = (peer: Peer, startWorker: () => Worker): DraftShelf =>
  new DraftShelf({
    identity: peer.identity,
    clock: peer.clock,
    random: peer.random,
    logger: peer.logger,
    startWorker: () => portOf(startWorker()),
  })

/** Runs one draft; to be called in the worker. */
export function serveDraft(scope: WorkerScope): void {
  const handle = draftService(message => scope.postMessage(message))
  scope.addEventListener('message', event => handle(event.data as ToWorker))
}

const portOf = (worker: Worker): DraftWorker => ({
  post: message => worker.postMessage(message),
  onMessage: listener => worker.addEventListener('message', event => listener(event.data as FromWorker)),
  onEnd: listener => worker.addEventListener('error', event => listener(event.message)),
  cpuMs: async () => undefined, // no page is told
  terminate: () => worker.terminate(),
})
