/** What a record costs in RAM: heap and array buffers of a ledger with its index, the segments being on disk. */
import { Records } from '@amp-mesh/context'
import * as Y from 'yjs'
import { memory, progress } from './clock.ts'
import { fact, ledgerOf, material } from './material.ts'
import { keyOf } from './speed.ts'

export interface Memory {
  records: number
  /** Bytes a record: by the hundred in an entry, each in an entry of its own, and in a plain Yjs map. */
  batched: number
  single: number
  yjs: number
}

export function memoryOf(quick: boolean): Memory {
  const records = quick ? 100_000 : 1_000_000
  // each in an entry of its own costs a signature each: fewer of them tell the same
  const singles = quick ? 20_000 : 50_000
  return {
    records,
    batched: held(records, 100) / records,
    single: held(singles, 1) / singles,
    yjs: yjs(records / 10) / (records / 10),
  }
}

function held(records: number, perEntry: number): number {
  progress(`memory of ${records} records, ${perEntry} in an entry`)
  const { segments } = material(records, perEntry)
  const before = memory()
  const ledger = ledgerOf()
  const index = new Records()
  for (const segment of segments) {
    ledger.ingest(segment)
    index.add(ledger.takeChanges().records)
  }
  const used = memory() - before
  // all are asked after the measurement, so that nothing is gone before
  const kept = segments.length * perEntry === records && [...ledger.records()].length === records
  if (!kept || index.size !== records) throw new Error('records were lost')
  return used
}

function yjs(records: number): number {
  const before = memory()
  const doc = new Y.Doc()
  const source = new Y.Doc()
  source.transact(() => {
    for (let i = 0; i < records; i++) source.getMap('facts').set(keyOf(i), fact(i))
  })
  const update = Y.encodeStateAsUpdate(source)
  source.destroy()
  Y.applyUpdate(doc, update)
  const used = memory() - before - update.length
  if (doc.getMap('facts').size !== records) throw new Error('a Yjs document lost something')
  return used
}
