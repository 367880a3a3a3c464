/** An outbox that closed and opened anew: what was commanded before is not done again. */
import type { Op, Rec } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { outboxContent } from '../../../../packages/peer/src/rooms/outbox-room.ts'
import { Room } from '../../../../packages/peer/src/rooms/room.ts'
import { haveMessage, readMessage, updateMessage } from '../../../../packages/peer/src/rooms/room-message.ts'
import { SimulatedClock } from '../../../simulation/space.ts'

const green: Op = { k: 'fact', s: 'sea', p: 'colour', o: 'green' }

/** A ledger that takes everything, and rooms on it. */
class Desk {
  readonly said: Op[] = []

  open(): Room {
    const append = async (ops: readonly Op[]) => {
      this.said.push(...ops)
      return [{ id: `record-${this.said.length}` } as Rec]
    }
    return new Room(outboxContent({ append }, 'outbox'), new SimulatedClock())
  }
}

/** As y-websocket does it: says what it has, gives what is asked for. Resolves with the code it was closed with. */
async function visit(room: Room, doc: Y.Doc): Promise<number | undefined> {
  let closed: number | undefined
  const toRoom: Uint8Array[] = [haveMessage(Y.encodeStateVector(doc))]
  const visitor = {
    backlog: 0,
    send(bytes: Uint8Array) {
      const message = readMessage(bytes)
      if (message.type === 'have') toRoom.push(updateMessage(Y.encodeStateAsUpdate(doc, message.stateVector)))
      if (message.type === 'missing' || message.type === 'update') Y.applyUpdate(doc, message.update)
    },
    close: (code: number) => {
      closed = code
    },
  }
  await room.enter(visitor)
  for (const bytes of toRoom) await room.receive(visitor, bytes)
  await new Promise(resolve => setImmediate(resolve))
  room.leave(visitor)
  return closed
}

describe('an outbox that opened anew', () => {
  it('sends a document away that comes from one before, and does none of its commands again', async () => {
    const desk = new Desk()
    const doc = new Y.Doc()
    doc.getArray('commands').push([green])
    const before = desk.open()
    expect(await visit(before, doc)).toBeUndefined()
    expect(desk.said).toHaveLength(1)
    expect(doc.getArray('results').length).toBe(1)
    expect(await visit(before, doc), 'the same room knows it').toBeUndefined()
    before.close()

    expect(await visit(desk.open(), doc)).toBe(4409)
    expect(desk.said).toHaveLength(1)
  })

  it('knows a document that was only there to listen, and takes the commands of new ones', async () => {
    const desk = new Desk()
    const doc = new Y.Doc()
    await visit(desk.open(), doc)
    const after = desk.open()
    expect(await visit(after, doc)).toBe(4409)
    const fresh = new Y.Doc()
    fresh.getArray('commands').push([green, green])
    expect(await visit(after, fresh)).toBeUndefined()
    expect(desk.said).toHaveLength(2)
  })
})
