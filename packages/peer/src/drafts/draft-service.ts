/** Inside a draft's worker: does what the peer asks, one task after the other. */
import { DraftEngine } from '@amp-mesh/context/drafts'
import * as Y from 'yjs'
import type { FromWorker, ToWorker } from './draft-port.ts'

/** Returns what is to be called with each message of the peer. */
export function draftService(post: (message: FromWorker) => void): (message: ToWorker) => void {
  let engine: DraftEngine | undefined
  const desks = new Map<number, Y.Doc>()
  let working = ''

  const opened = (): DraftEngine => {
    if (engine === undefined) throw new Error('no draft is open')
    return engine
  }
  const deskOf = (number: number): Y.Doc => {
    const desk = desks.get(number)
    if (desk === undefined) throw new Error('no such desk')
    return desk
  }

  function perform(message: ToWorker): unknown {
    switch (message.do) {
      case 'open':
        engine = new DraftEngine({
          ...message.settings,
          onDirty: () => post({ type: 'dirty' }),
          onWork: by => {
            if (by !== working) post({ type: 'working', by })
            working = by
          },
        })
        return undefined
      case 'reset':
        return opened().reset(message.edits)
      case 'take':
        return opened().take(message.edits)
      case 'desk': {
        const desk = opened().openDesk(message.client)
        desk.on('update', (update: Uint8Array) => post({ type: 'update', desk: message.desk, update }))
        desks.set(message.desk, desk)
        return undefined
      }
      case 'leave':
        opened().closeDesk(deskOf(message.desk))
        desks.delete(message.desk)
        return undefined
      case 'write':
        return Y.applyUpdate(deskOf(message.desk), message.update)
      case 'missing':
        return Y.encodeStateAsUpdate(deskOf(message.desk), message.stateVector)
      case 'has':
        return Y.encodeStateVector(deskOf(message.desk))
      case 'flush':
        return opened().flush()
      case 'settle':
        return opened().settle()
      case 'text':
        return opened().text()
      default:
        return opened().order()
    }
  }

  return message => {
    try {
      const value = perform(message)
      post(value === undefined ? { type: 'done', task: message.task } : { type: 'done', task: message.task, value })
    } catch (error) {
      post({ type: 'failed', task: message.task, why: String(error) })
    }
  }
}
