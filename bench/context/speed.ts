/** How fast records are said and taken in: one by one and by the hundred, beside raw signatures, Yjs and Automerge. */
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { Records } from '@amp-mesh/context'
import { GraphDocument } from '@amp-mesh/context/projection'
import type { Rec } from '@amp-mesh/protocol'
import * as Automerge from '@automerge/automerge'
import * as Y from 'yjs'
import { byTurns, progress, rate } from './clock.ts'
import { authors, fact, ledgerOf, material, say, type Writer } from './material.ts'

/** Records per second of processor time; bytes of a record on the wire. */
export interface Speed {
  rawVerify: number
  append: { single: number; batched: number }
  take: { single: number; batched: number }
  project: { single: number; batched: number }
  yjs: { single: number; batched: number }
  automerge: { single: number }
  /** Verify + index: one by one to a raw verification, by the hundred to a record in plain Yjs. */
  ratios: { rawVerify: number; yjs: number }
  bytes: { single: number; batched: number; yjsSingle: number; yjsBatched: number; automerge: number }
}

const ROUNDS = 2
const BATCH = 100
const PROJECTED = 50_000

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
  const single = byTurns(singles, () => take(one), verifier(singles))
  const byHundred = byTurns(
    batched,
    () => take(many),
    () => applyYjs(yMany),
  )
  return {
    rawVerify: single.theirs,
    append: { single: append(singles, 1), batched: append(batched, BATCH) },
    take: { single: single.ours, batched: byHundred.ours },
    project: { single: project(one, singles), batched: project(many.slice(0, PROJECTED / BATCH), PROJECTED) },
    yjs: { single: rate(singles, ROUNDS, () => applyYjs(ySingle)), batched: byHundred.theirs },
    automerge: { single: rate(changes, ROUNDS, () => void Automerge.applyChanges(Automerge.init(), merge)) },
    ratios: { rawVerify: single.ratio, yjs: byHundred.ratio },
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

/** Checks so many signatures. */
function verifier(times: number): () => void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const messages = Array.from({ length: 100 }, (_, i) => new Uint8Array(32).fill(i))
  const signatures = messages.map(message => sign(null, message, privateKey))
  return () => {
    for (let i = 0; i < times; i++)
      if (!verify(null, messages[i % 100] as Uint8Array, publicKey, signatures[i % 100] as Uint8Array))
        throw new Error()
  }
}

function append(records: number, perEntry: number): number {
  const [author] = authors as [Writer]
  return rate(records, ROUNDS, () => {
    const held = ledgerOf(author)
    for (let i = 0; i < records; i += perEntry)
      say(
        held,
        author,
        Array.from({ length: perEntry }, (_, k) => fact(i + k)),
      )
  })
}

/** Verifies, guards, indexes; `tell` hears what is new. */
function take(segments: readonly Uint8Array[], index = new Records(), tell?: (news: readonly Rec[]) => void): void {
  const held = ledgerOf()
  for (const segment of segments) {
    if (held.ingest(segment).outcome !== 'added') throw new Error('a segment was not taken')
    const { records: news } = held.takeChanges()
    index.add(news)
    tell?.(news.flatMap(record => (record.op === undefined ? [] : [record])))
  }
}

/** The same, with the Yjs document of it all. */
const project = (segments: readonly Uint8Array[], records: number): number =>
  rate(records, ROUNDS, () => {
    const index = new Records()
    const listeners: ((news: readonly Rec[]) => void)[] = []
    const subscribe = (listener: (news: readonly Rec[]) => void) => {
      listeners.push(listener)
      return () => {}
    }
    new GraphDocument({ records: index, subscribe })
    take(segments, index, news => {
      for (const listener of listeners) listener(news)
    })
  })

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

function applyYjs(updates: readonly Uint8Array[]): void {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
}

function automergeChanges(records: number): Automerge.Change[] {
  let doc = Automerge.from<{ facts: Record<string, unknown> }>({ facts: {} })
  for (let i = 0; i < records; i++)
    doc = Automerge.change(doc, draft => {
      draft.facts[keyOf(i)] = fact(i)
    })
  return Automerge.getAllChanges(doc)
}
