/** The room `outbox`: clients push commands, the peer signs them as itself and says what became of each. */
import type { Replica } from '@amp-mesh/context'
import { parseUpdate } from '@amp-mesh/context/drafts'
import { AmpError, type Json, type Op, ROOM_LIMITS, readOp, wireCodeOf } from '@amp-mesh/protocol'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { guestOp } from '../guest-op.ts'
import { readOnly } from './graph-room.ts'
import type { RoomContent } from './room.ts'
import { RootArray } from './root-array.ts'

/** One entry of the array `results`. `ref`: what the command called itself. */
export type Outcome = { ref?: string } & ({ ok: true; id: string } | { ok: false; code: string; message: string })

const REF_LENGTH = 64
/** Of one message. Clients known at once bound the state vector that is sent to each. */
const UPDATE_LIMITS = { bytes: ROOM_LIMITS.message, clients: 256, structs: 4_096, ranges: 4_096 }
/** Outboxes write with client ids of this range, above those of editors: so one that was there before is known. */
const OUTBOXES = { from: 2 ** 33, to: 2 ** 33 + 2 ** 32 }

/**
 * Clients' updates are read, never applied: a command is an object with a `k` in the array `commands`, known by its
 * client and clock, and done once. What else a client's document holds, e.g. another room's contents, is no command.
 * The document sent back holds nothing but `results`. One that was in another outbox is sent away: what was read of it
 * there nobody knows any more.
 */
export function outboxContent(replica: Pick<Replica, 'append'>, via: string): RoomContent {
  const doc = new Y.Doc()
  doc.clientID += OUTBOXES.from
  const results = doc.getArray<Outcome>('results')
  markAsSeen(results)
  /** How far each client's structs were read. */
  const read = new Map<number, number>()
  const commands = new RootArray('commands')
  let waiting = 0
  let turn = Promise.resolve()

  const tell = (outcome: Outcome) =>
    doc.transact(() => {
      if (results.length >= ROOM_LIMITS.results) results.delete(0, results.length - ROOM_LIMITS.results + 1)
      results.push([outcome])
    })

  const perform = async (command: Json) => {
    const ref = refOf(command)
    try {
      const [record] = await replica.append([opOf(command, via)])
      if (record !== undefined) tell({ ...ref, ok: true, id: record.id })
    } catch (error) {
      tell({ ...ref, ok: false, ...failureOf(error) })
    }
  }

  const enqueue = (command: Json) => {
    if (waiting >= ROOM_LIMITS.commands) {
      tell({ ...refOf(command), ok: false, code: 'busy', message: 'too many commands wait; push it again later' })
      return
    }
    waiting++
    turn = turn.then(() => perform(command)).finally(() => waiting--)
  }

  const { missing, onUpdate } = readOnly(doc)
  return {
    missing: stateVector => (isOfAnother(stateVector, doc.clientID) ? undefined : missing(stateVector)),
    onUpdate,
    has() {
      const known = [...read, [doc.clientID, Y.getState(doc.store, doc.clientID)] as const]
      return encoding.encode(encoder => {
        encoding.writeVarUint(encoder, known.length)
        for (const number of known.flat()) encoding.writeVarUint(encoder, number)
      })
    },
    take(bytes) {
      const { sections } = parseUpdate(bytes, UPDATE_LIMITS)
      const isGiven = commands.membersOf(sections)
      for (const { client, structs } of sections) {
        if (client === doc.clientID || (!read.has(client) && read.size >= UPDATE_LIMITS.clients)) continue
        const from = read.get(client) ?? 0
        for (const struct of structs) {
          read.set(client, Math.max(read.get(client) ?? 0, struct.clock + struct.length))
          if (struct.content?.ref !== 8 || !isGiven(struct)) continue
          const fresh = struct.content.values.slice(Math.max(0, from - struct.clock))
          for (const value of fresh) if (isCommand(value)) enqueue(value)
        }
      }
    },
    close: () => doc.destroy(),
  }
}

/** Whoever was sent the document has its client id from then on, and sees nothing of it. */
function markAsSeen(results: Y.Array<Outcome>): void {
  results.push([{ ok: true, id: '' }])
  results.delete(0)
}

const isOfAnother = (stateVector: Uint8Array, own: number): boolean =>
  [...Y.decodeStateVector(stateVector).keys()].some(id => id !== own && id >= OUTBOXES.from && id < OUTBOXES.to)

const isCommand = (value: unknown): value is Json => value !== null && typeof value === 'object' && 'k' in value

/** The op that a command asks for. Throws `bad-input`, `not-allowed`. */
function opOf(command: Json, via: string): Op {
  const { ref: _, agent: __, ...fields } = command as { readonly [field: string]: Json }
  const op = readOp({ ...fields, via })
  if (op === undefined) throw new AmpError('bad-input', 'not a record: look up its kind and fields in PROTOCOL.md')
  return guestOp(op)
}

function refOf(command: Json): { ref?: string } {
  const { ref } = command as { readonly ref?: Json }
  return typeof ref === 'string' ? { ref: ref.slice(0, REF_LENGTH) } : {}
}

const failureOf = (error: unknown) =>
  error instanceof AmpError
    ? { code: error.code, message: error.message }
    : { code: wireCodeOf(error), message: 'it failed' }
