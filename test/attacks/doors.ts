/** Every way bytes of a stranger get into a peer, for attacks our format has no place for. */
import { EDIT_TAG, encodeFrames, type Message, SPACE_LIMITS, WIRE_LIMITS } from '@amp-mesh/protocol'
import type { Arena } from './arena.ts'
import type { Field } from './field.ts'
import type { Outcome } from './outcome.ts'
import { throughRooms, unseen } from './room-doors.ts'

/** An edit's tag and its draft's id. */
const EDIT_HEAD = 25

/** Delivers the bytes at every door; whatever they are, nothing may come of them. */
export function atEveryDoor(field: Field, bytes: Uint8Array): Promise<Outcome> {
  // an op that begins like an edit is one, of a draft that does not exist
  const own = bytes[0] === EDIT_TAG && bytes.length > EDIT_HEAD && bytes.length <= SPACE_LIMITS.op ? 1 : 0
  return field.withstands(
    async () => {
      field.push(bytes)
      // as an op of a sound entry: it keeps its number in the log, and is nothing else
      field.push(field.mallory.write(bytes).segment)
      for (const wire of field.wires) {
        wire.post('sync', ...syncMessages(field, bytes))
        wire.post('amp', ...ampMessages(field, bytes))
        wire.raw('sync', encodeFrames([bytes]))
        wire.raw('amp', encodeFrames([bytes]))
      }
      await unseen(field, () => throughRooms(field, bytes))
      await throughDraft(field.arena, bytes)
    },
    { own },
  )
}

/** As an edit of an editor, and from a program in the room of a draft; a reader of the other peer is to see neither. */
async function throughDraft(arena: Arena, bytes: Uint8Array): Promise<void> {
  const draft = await arena.draft()
  if (bytes.length < SPACE_LIMITS.op / 2) draft.edit(bytes)
  await draft.intrude(bytes)
  await draft.honestWords('bert')
}

function syncMessages({ space, mallory, carol }: Field, bytes: Uint8Array): Message[] {
  const sound = mallory.twin().write({ k: 'fact', s: 'half', p: 'of', o: 'a proof' }).segment
  return [
    { type: 'proof', space, a: bytes, b: bytes },
    { type: 'proof', space, a: bytes, b: sound.subarray(0, sound.length - 1) },
    { type: 'ops', space, ops: [[carol.log, 0, bytes.subarray(0, WIRE_LIMITS.op)]] },
    { type: 'checkpoint', space, segment: bytes, part: 0, parts: 1, live: bytes },
  ]
}

function ampMessages({ space, question }: Field, bytes: Uint8Array): Message[] {
  const inline = bytes.subarray(0, 12 * 1024)
  return [
    { type: 'broadcast', id: question, time: Date.now(), space, genesis: inline, question: inline },
    { type: 'cards', cards: [{ body: inline, signature: new Uint8Array(64).fill(1) }], more: false },
  ]
}
