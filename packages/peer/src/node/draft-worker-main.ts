/** The thread of one draft on Node. */
import { parentPort } from 'node:worker_threads'
import { draftService } from '../drafts/draft-service.ts'

const handle = draftService(message => parentPort?.postMessage(message))
parentPort?.on('message', handle)
