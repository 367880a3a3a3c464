/** The rooms of a space as doors for hostile bytes: sent by a raw socket, and by the real y-websocket client. */
import * as Y from 'yjs'
import { attach, RawVisitor, synced } from '../rooms/visitor.ts'
import { until } from '../until.ts'
import type { Field } from './field.ts'

export const ROOMS = ['graph', 'views', 'outbox'] as const

/** "What do I lack?" of somebody who has nothing; the answer shows that all sent before was dealt with. */
const HAVE_NOTHING = Uint8Array.of(0, 0, 1, 0)

/** Sends an update to every room of both victims. */
export async function throughRooms(field: Field, update: Uint8Array): Promise<void> {
  await Promise.all([rawly(field, update), byClient(field, update)])
}

/** Whatever `action` does, a reader who is in the room meanwhile must see nothing of it. */
export async function unseen(field: Field, action: () => Promise<void>): Promise<void> {
  const reader = new Y.Doc()
  const reading = attach(field.arena.anna, field.space, 'graph', reader)
  try {
    await synced(reading)
    const before = shownTo(reader)
    await action()
    if (shownTo(reader) !== before) throw new Error('a reader of the room sees something else')
  } finally {
    reading.destroy()
  }
}

/** Everything in a reader's document but what honest verifiers write by themselves. */
function shownTo(reader: Y.Doc): string {
  const roots = [...reader.share.keys()].filter(root => root !== 'acks').sort()
  return JSON.stringify(roots.map(root => [root, reader.getMap(root).toJSON()]))
}

/** As an update, as an answer to a question nobody asked, and as no message at all. */
async function rawly(field: Field, update: Uint8Array): Promise<void> {
  for (const victim of field.arena.victims)
    for (const room of ROOMS) {
      const visitor = await new RawVisitor(`${victim.roomsUrl(field.space)}/${room}`, victim.token).opened()
      const heard = visitor.heard.length
      visitor.update(update)
      visitor.socket.send(HAVE_NOTHING)
      await until(`${room} answers or hangs up`, () => visitor.closed !== undefined || visitor.heard.length > heard)
      visitor.socket.send(update)
      visitor.socket.close()
    }
}

/** A real client whose document took the bytes passes them on by itself; if Yjs lets it. */
async function byClient(field: Field, update: Uint8Array): Promise<void> {
  const [, bert] = field.arena.victims
  const docs = ROOMS.map(() => new Y.Doc())
  const providers = ROOMS.map((room, i) => attach(bert, field.space, room, docs[i] as Y.Doc))
  try {
    await Promise.all(providers.map(synced))
    for (const doc of docs) Y.applyUpdate(doc, update)
  } catch {
    // the client broke on its own bytes
  } finally {
    for (const provider of providers) provider.destroy()
    for (const doc of docs) doc.destroy()
  }
}
