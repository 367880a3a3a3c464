/** Plain Yjs sync: documents that talk with y-protocols, as every y-websocket server and client does. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { messageYjsSyncStep1, readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'

/** Client ids: alice, honest; mallory; and one mallory ground to be above all others. */
export const ALICE = 1
export const MALLORY = 66
export const GROUND_HIGH = 4e15
/** Of the reader that is attacked. */
export const READER = 7

export class PlainPeer {
  readonly doc: Y.Doc

  constructor(client: number = READER) {
    this.doc = new Y.Doc()
    this.doc.clientID = client
  }

  /** Takes an update as it comes in an `update` message. Returns the error that Yjs threw, if it did. */
  take(...updates: Uint8Array[]): Error | undefined {
    let failure: Error | undefined
    for (const update of updates) {
      const encoder = encoding.createEncoder()
      writeUpdate(encoder, update)
      failure = this.receive(encoding.toUint8Array(encoder)).failure ?? failure
    }
    return failure
  }

  /** Takes any message of the sync protocol and gives its answer. */
  receive(message: Uint8Array): { failure: Error | undefined; answer: Uint8Array } {
    let failure: Error | undefined
    const answer = encoding.createEncoder()
    const log = console.error
    console.error = () => {} // y-protocols says there what we return
    try {
      readSyncMessage(decoding.createDecoder(message), answer, this.doc, 'remote', error => {
        failure = error
      })
    } catch (error) {
      failure = error as Error
    } finally {
      console.error = log
    }
    return { failure, answer: encoding.toUint8Array(answer) }
  }

  /** Asks `other` for what it has and we lack, in the steps of the protocol. */
  syncFrom(other: PlainPeer): void {
    const request = encoding.createEncoder()
    writeSyncStep1(request, this.doc)
    this.receive(other.receive(encoding.toUint8Array(request)).answer)
  }

  /** Everything it holds, in one update. */
  all(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc)
  }

  state(): Uint8Array {
    return Y.encodeStateVector(this.doc)
  }

  /** What it holds beyond a state. */
  since(state: Uint8Array): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc, state)
  }

  map(name = 'facts'): Y.Map<unknown> {
    return this.doc.getMap(name)
  }

  list(name = 'log'): Y.Array<unknown> {
    return this.doc.getArray(name)
  }
}

/** The first step of a sync with a state vector of one's choice. */
export function stepOne(state: ReadonlyMap<number, number>): Uint8Array {
  const vector = encoding.createEncoder()
  encoding.writeVarUint(vector, state.size)
  for (const part of [...state].flat()) encoding.writeVarUint(vector, part)
  const message = encoding.createEncoder()
  encoding.writeVarUint(message, messageYjsSyncStep1)
  encoding.writeVarUint8Array(message, encoding.toUint8Array(vector))
  return encoding.toUint8Array(message)
}

/** A reader with what alice wrote: a fact (clock 0), a thread with a message (1 to 3), a log of three (4 to 6). */
export function reader(): PlainPeer {
  const peer = new PlainPeer()
  peer.syncFrom(alice())
  return peer
}

export function alice(): PlainPeer {
  const peer = new PlainPeer(ALICE)
  peer.map().set('f1', { s: 'sky', o: 'blue', by: 'alice' })
  const thread = new Y.Map()
  peer.map('threads').set('t1', thread)
  const messages = new Y.Array()
  thread.set('messages', messages)
  messages.push(['hello'])
  peer.list().push(['a1', 'a2', 'a3'])
  return peer
}
