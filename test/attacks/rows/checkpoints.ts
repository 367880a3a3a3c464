/** Beginning a log at a checkpoint: what a relay does to it, and what its author leaves out of it. */
import {
  canonicalBytes,
  concat,
  fromBase64url,
  type Op,
  type RecordId,
  sha256,
  toBase64url,
  u48,
} from '@amp-mesh/protocol'
import * as Y from 'yjs'
import { keyOf } from '../arena.ts'
import type { Attack } from '../attack.ts'
import type { Author } from '../author.ts'
import { type Field, fact } from '../field.ts'
import { judged, type Outcome } from '../outcome.ts'
import { alice, PlainPeer } from '../plain-peer.ts'
import { flooded } from './bounds.ts'
import { withoutBytes } from './forgetting.ts'

/** A record as a checkpoint hands it on. */
interface Live {
  n: number
  seq: number
  time: number
  id: RecordId
  bytes: Uint8Array
}

/** A writer's log: its entries one by one, all its records, and what follows from them. */
interface Written {
  author: Author
  segments: Uint8Array[]
  live: Live[]
}

/** A checkpoint is due in a log that has used a quarter of this. */
const QUOTA = 4_000
const RECORDS = 12
const wanda = keyOf('wanda')

/** Wanda's log as it is, which none of the victims has. */
function log(field: Field): Written {
  const author = field.author(wanda)
  const time = Date.now() - 60_000
  const [segments, live]: [Uint8Array[], Live[]] = [[], []]
  for (let n = 0; n < RECORDS; n++) {
    const op = fact(`${n}`.padEnd(100, '.'))
    const { segment, ids } = author.writeAt(time + n, op)
    segments.push(segment)
    live.push({ n, seq: n, time: time + n, id: ids[0] ?? '', bytes: canonicalBytes(op) })
  }
  return { author, segments, live }
}

const rootOf = (live: readonly Live[]) =>
  toBase64url(sha256(concat(...live.flatMap(({ id, time, seq }) => [fromBase64url(id), u48(time), u48(seq)]))))

/** Her checkpoint of these records. */
const checkpoint = (live: readonly Live[]): Op<'ckpt'> => ({
  k: 'ckpt',
  upto: RECORDS - 1,
  ops: RECORDS,
  n: live.length,
  size: live.reduce((sum, { bytes }) => sum + 12 + bytes.length, 0),
  root: rootOf(live),
})

/** Mallory hands a checkpoint on to both victims. */
function relay(field: Field, segment: Uint8Array, live: readonly Live[]): void {
  const parts = live.flatMap(({ n, seq, time, bytes }) => [
    u48(n),
    u48(seq),
    u48(time),
    u48(bytes.length).subarray(2),
    bytes,
  ])
  for (const wire of field.wires)
    wire.post('sync', { type: 'checkpoint', space: field.space, segment, part: 0, parts: 1, live: concat(...parts) })
}

/** Whatever was relayed: once carol brings wanda's log as it is, its records and no others must be there. */
function relayed(n: number, name: string, plain: () => Outcome, lie: (field: Field, written: Written) => void): Attack {
  return {
    n,
    name,
    plain,
    here: async arena => {
      const field = await arena.field({ limits: { quota: QUOTA }, open: false, writers: [wanda] })
      const written = log(field)
      const honest = written.live.map(({ id }) => id)
      return field.withstands(
        async () => {
          lie(field, written)
          await field.settled()
          const early = (await field.pictures()).flatMap(({ records }) => Object.values(records))
          const shown = early.filter(({ by }) => by === wanda.publicKey)
          if (shown.length > 0) throw new Error(`${shown.length} records of an unproven checkpoint are shown`)
          await field.bring(...written.segments)
          await field.arrived(...honest)
        },
        { honest },
      )
    },
  }
}

/** A snapshot of a document, with one word put in place of another. */
function altered(): Outcome {
  const newcomer = new PlainPeer(9)
  newcomer.take(Buffer.from(Buffer.from(alice().all()).toString('latin1').replace('blue', 'pink'), 'latin1'))
  return judged(JSON.stringify(newcomer.map().get('f1')).includes('pink'), 'a snapshot is not signed: the sky is pink')
}

export const checkpoints: readonly Attack[] = [
  relayed(
    45,
    'a relay alters a checkpoint, drops a record of it, or gives it another author',
    altered,
    (field, written) => {
      const { live } = written
      const signed = written.author.twin().write(checkpoint(live)).segment
      const [first, ...others] = live as [Live, ...Live[]]
      relay(field, signed, [{ ...first, bytes: canonicalBytes(fact('pink')) }, ...others])
      relay(field, signed, others)
      relay(field, signed, [...live, { ...first, n: RECORDS }])
      const usurped = Uint8Array.from(signed)
      usurped.set(fromBase64url(field.mallory.identity.publicKey), 0)
      relay(field, usurped, live)
    },
  ),
  relayed(
    46,
    'an author leaves an own record out of its checkpoint',
    () => {
      const [author, newcomer] = [alice(), new PlainPeer(9)]
      author.map().delete('f1')
      newcomer.take(Y.encodeStateAsUpdate(author.doc))
      return judged(!newcomer.map().has('f1'), 'a newcomer does not learn that there was more')
    },
    (field, written) => {
      const kept = written.live.slice(1)
      relay(field, written.author.twin().write(checkpoint(kept)).segment, kept)
    },
  ),
  relayed(89, 'a checkpoint of records in another order, or with other times', altered, (field, written) => {
    const { live } = written
    const signed = written.author.twin().write(checkpoint(live)).segment
    relay(field, signed, live.toReversed())
    relay(
      field,
      signed,
      live.map((record, i) => ({ ...record, seq: live.at(-1 - i)?.seq ?? 0 })),
    )
    relay(
      field,
      signed,
      live.map(record => ({ ...record, time: record.time + 1 })),
    )
    const inItsOwnOrder = written.author.twin().write(checkpoint(live.toReversed())).segment
    relay(field, inItsOwnOrder, live.toReversed())
  }),
  relayed(90, "a checkpoint in a verifier's name, and one nobody vouches for", altered, (field, written) => {
    const { live } = written
    const forged = written.author.signedBy(field.mallory.identity).write(checkpoint(live)).segment
    relay(field, forged, live)
    // true to the letter, but she alone says so
    relay(field, written.author.twin().write(checkpoint(live)).segment, live)
    const carols = field.carol.twin().write(checkpoint([])).segment
    relay(field, carols, [])
  }),
  {
    n: 97,
    name: 'a quota dodged by a checkpoint of what some never got',
    plain: flooded,
    here: async arena => {
      const field = await arena.field({ limits: { quota: QUOTA }, open: false, writers: [wanda] })
      const { author, segments, live } = log(field)
      const stated = checkpoint(live)
      const flood = [author.write(stated), ...Array.from({ length: 60 }, () => author.write(live[0]?.bytes ?? stated))]
      const cost = (bytes: Uint8Array) => 12 + bytes.length
      const used = RECORDS * cost(live[0]?.bytes ?? new Uint8Array()) + cost(canonicalBytes(stated))
      const fitting = Math.floor((QUOTA - used) / cost(live[0]?.bytes ?? new Uint8Array()))
      return field.withstands(
        async () => {
          // who knows nothing of the records thinks that the checkpoint gives back all of the quota
          field.wires[0].push(field.space, ...segments.map(withoutBytes), ...flood.map(({ segment }) => segment))
          await field.settled()
          field.wires[1].push(field.space, ...segments, ...flood.map(({ segment }) => segment))
        },
        { own: RECORDS + 1 + fitting },
      )
    },
  },
]
