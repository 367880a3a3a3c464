/** How fast records are said and taken in: one by one and by the hundred, beside raw signatures, Yjs and Automerge. */
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { Records } from '@amp-mesh/context'
import { GraphDocument } from '@amp-mesh/context/projection'
import type { Rec } from '@amp-mesh/protocol'
import * as Automerge from '@automerge/automerge'
import * as Y from 'yjs'
import { progress, rate } from './clock.ts'
import { authors, fact, ledgerOf, material, say, type Writer } from './material.ts'

/** Records per second of processor time; bytes of a record on the wire. */
export interface Speed {
  rawVerify: number
  append: { single: number; batched: number }
  take: { single: number; batched: number }
  project: { single: number; batched: number }
  yjs: { single: number; batched: number }
  automerge: { single: number }
  bytes: { single: number; batched: number; yjsSingle: number; yjsBatched: number; automerge: number }
}

const ROUNDS = 5
const BATCH = 100

export function speed(quick: boolean): Speed {
  const [singles, batched, changes] = quick ? [3_000, 50_000, 500] : [10_000, 200_000, 2_000]
  progress(`signing ${singles} single records and ${batched} in batches`)
  const one = material(singles, 1).segments
  const many = material(batched, BATCH).segments
  progress('verify + index, projection, Yjs')
  const ySingle = yjsUpdates(singles, 1)
  const yMany = yjsUpdates(batched, BATCH)
  progress('Automerge')
  const merge = automergeChanges(changes)
  return {
    rawVerify: rawVerify(singles),
    append: { single: append(singles, 1), batched: append(batched, BATCH) },
    take: { single: take(one, singles), batched: take(many, batched) },
    project: { single: take(one, singles, true), batched: take(many, Math.min(batched, 50_000), true) },
    yjs: { single: applyYjs(ySingle, singles), batched: applyYjs(yMany, batched) },
    automerge: { single: rate(changes, 2, () => void Automerge.applyChanges(Automerge.init(), merge)) },
    bytes: {
      single: size(one) / singles,
      batched: size(many) / batched,
      yjsSingle: size(ySingle) / singles,
      yjsBatched: size(yMany) / batched,
      automerge: size(merge) / changes,
    },
  }
}

const size = (parts: readonly Uint8Array[]) => parts.reduce((sum, { length }) => sum + length, 0)

function rawVerify(times: number): number {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const messages = Array.from({ length: 100 }, (_, i) => new Uint8Array(32).fill(i))
  const signatures = messages.map(message => sign(null, message, privateKey))
  return rate(times, ROUNDS, () => {
    for (let i = 0; i < times; i++)
      if (!verify(null, messages[i % 100] as Uint8Array, publicKey, signatures[i % 100] as Uint8Array))
        throw new Error()
  })
}

function append(records: number, perEntry: number): number {
  const [author] = authors as [Writer]
  return rate(records, 2, () => {
    const held = ledgerOf(author)
    for (let i = 0; i < records; i += perEntry)
      say(
        held,
        author,
        Array.from({ length: perEntry }, (_, k) => fact(i + k)),
      )
  })
}

/** Verifies, guards, indexes; with `projected` the Yjs document follows, too. */
function take(segments: readonly Uint8Array[], records: number, projected = false): number {
  const enough = segments.slice(0, Math.ceil((segments.length * records) / count(segments, records)))
  return rate(records, projected ? 2 : ROUNDS, () => {
    const held = ledgerOf()
    const index = new Records()
    let tell: ((news: readonly Rec[]) => void) | undefined
    const source = {
      records: index,
      subscribe(listener: (news: readonly Rec[]) => void) {
        tell = listener
        return () => {}
      },
    }
    if (projected) new GraphDocument(source)
    for (const segment of enough) {
      if (held.ingest(segment).outcome !== 'added') throw new Error('a segment was not taken')
      const { records: news } = held.takeChanges()
      index.add(news)
      tell?.(news.flatMap(record => (record.op === undefined ? [] : [record])))
    }
  })
}

const count = (segments: readonly Uint8Array[], records: number) =>
  segments.length === records ? records : segments.length * BATCH

function yjsUpdates(records: number, perTransaction: number): Uint8Array[] {
  const updates: Uint8Array[] = []
  const docs = Array.from({ length: 20 }, () => new Y.Doc())
  for (const doc of docs) doc.on('update', update => updates.push(update))
  for (let i = 0; i < records; i += perTransaction) {
    const doc = docs[(i / perTransaction) % docs.length] as Y.Doc
    doc.transact(() => {
      for (let k = i; k < i + perTransaction; k++) doc.getMap('facts').set(keyOf(k), fact(k))
    })
  }
  return updates
}

/** As long as a record id. */
export const keyOf = (i: number): string => `id${i}`.padEnd(32, 'x')

const applyYjs = (updates: readonly Uint8Array[], records: number) =>
  rate(records, ROUNDS, () => {
    const doc = new Y.Doc()
    for (const update of updates) Y.applyUpdate(doc, update)
  })

function automergeChanges(records: number): Automerge.Change[] {
  let doc = Automerge.from<{ facts: Record<string, unknown> }>({ facts: {} })
  for (let i = 0; i < records; i++)
    doc = Automerge.change(doc, draft => {
      draft.facts[keyOf(i)] = fact(i)
    })
  return Automerge.getAllChanges(doc)
}
