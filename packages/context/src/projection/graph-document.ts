/**
 * A space's records as one Yjs document (CONTEXT.md §8): equal record sets give equal visible documents, on every peer
 * and in a client that merges several peers' documents. Nobody writes in it; it follows the ledger.
 */
import type { Cancel, Json, Rec, RecordId } from '@amp-mesh/protocol'
import * as Y from 'yjs'
import { inLogOrder, type Records } from '../records.ts'
import type { StructId } from '../yjs/update.ts'
import { logClient, recordClient } from './client-id.ts'
import { rootOf } from './roots.ts'
import { UpdateWriter } from './update-writer.ts'

/** What the projection reads: a replica, or anything with records and news of them. */
export interface RecordSource {
  readonly records: Pick<Records, 'all' | 'get' | 'isLive' | 'size'>
  subscribe(listener: (news: readonly Rec[]) => void): Cancel
}

export interface GraphDocumentInit {
  /** Client id of a log. Tests hand in one that collides. */
  clientOf?(log: string): number
}

/** Records applied in one transaction: bounds the update's bytes, not what is shown. */
const BATCH = 4_096

/**
 * Root maps by kind (`facts`, `proposals` …), a record under its id as `{…op, id, by, at}`; what its author replaced or
 * took back is not there, nor opaque records, nor the edits of drafts.
 *
 * A record is the struct (client of its log, its number in the log). Numbers without a live record are GC structs. If
 * the place is taken, because a fork was cut there or two logs share a client id, the record stands under a client of
 * its own with bit 52 set. So whatever order things came in, every live record has one live struct, and documents of
 * several peers merge into the same visible one.
 */
export class GraphDocument {
  readonly doc = new Y.Doc()
  readonly #source: RecordSource
  readonly #clientOf: (log: string) => number
  readonly #clients = new Map<string, number>()
  /** Which log took a client id first. */
  readonly #owners = new Map<number, string>()
  readonly #unsubscribe: Cancel
  /** Readable records at the last change: a set that did not grow by its news has lost some. */
  #known = 0

  /** Builds the document, and follows the records until `close`. */
  constructor(source: RecordSource, init: GraphDocumentInit = {}) {
    this.#source = source
    this.#clientOf = init.clientOf ?? logClient
    this.#reconcile()
    this.#unsubscribe = source.subscribe(news => this.#take(news))
  }

  close(): void {
    this.#unsubscribe()
    this.doc.destroy()
  }

  #take(news: readonly Rec[]): void {
    const { records } = this.#source
    this.#known += news.length
    if (records.size !== this.#known) return this.#reconcile()
    const replaced = news.flatMap(({ op }) => (op.k === 'retract' ? [op.of] : 'sup' in op && op.sup ? [op.sup] : []))
    const gone = replaced.flatMap(id => {
      const shown = records.isLive(id) ? undefined : this.#shown(records.get(id))
      return shown === undefined ? [] : [shown]
    })
    this.#apply(news, gone)
  }

  /** Compares all that is shown with all records: at the start, and after a fork, a pruning or a lost admission. */
  #reconcile(): void {
    const { records } = this.#source
    this.#known = records.size
    const gone: StructId[] = []
    for (const root of this.doc.share.keys())
      for (const [id, item] of this.doc.getMap(root)._map)
        if (!item.deleted && !this.#belongs(records.get(id))) gone.push(item.id)
    this.#apply(records.all(), gone)
  }

  /** Shows those of `records` that belong there and are not shown yet. */
  #apply(records: Iterable<Rec>, gone: readonly StructId[]): void {
    const fresh = [...records].filter(record => this.#belongs(record) && this.#shown(record) === undefined)
    fresh.sort(inLogOrder)
    for (let from = 0; from === 0 || from < fresh.length; from += BATCH) {
      const update = new UpdateWriter(client => Y.getState(this.doc.store, client))
      if (from === 0) for (const id of gone) update.delete(id)
      for (const record of fresh.slice(from, from + BATCH)) this.#place(update, record)
      if (!update.isEmpty) Y.applyUpdate(this.doc, update.finish(), this)
    }
  }

  #place(update: UpdateWriter, record: Rec): void {
    const item = { root: rootOf(record.op.k), key: record.id, value: visibleOf(record) }
    const client = this.#clients.get(record.log) ?? this.#clientOf(record.log)
    this.#clients.set(record.log, client)
    const owner = this.#owners.get(client) ?? record.log
    if (owner === record.log && record.n >= update.next(client)) {
      this.#owners.set(client, owner)
      return update.add({ ...item, client, clock: record.n })
    }
    update.add({ ...item, ...this.#ownPlace(update, record.id) })
  }

  /** The next struct of the record's own client, behind those it had before. */
  #ownPlace(update: UpdateWriter, id: RecordId): StructId & { after?: StructId } {
    for (let salt = 0; ; salt++) {
      const client = recordClient(id, salt)
      const clock = update.next(client)
      if (clock === 0) return { client, clock }
      const before = clock === Y.getState(this.doc.store, client) ? { client, clock: clock - 1 } : undefined
      if (before !== undefined && keyAt(this.doc, before) === id) return { client, clock, after: before }
    }
  }

  #belongs(record: Rec | undefined): boolean {
    return record !== undefined && record.op.k !== 'edit' && this.#source.records.isLive(record.id)
  }

  /** The live struct that shows a record. */
  #shown(record: Rec | undefined): StructId | undefined {
    const item = record && this.doc.getMap(rootOf(record.op.k))._map.get(record.id)
    return item === undefined || item.deleted ? undefined : item.id
  }
}

/** What readers see of a record. */
const visibleOf = ({ op, id, by, time }: Rec): Json => ({ ...op, id, by, at: time }) as Json

function keyAt(doc: Y.Doc, { client, clock }: StructId): string | null {
  const struct = Y.getItem(doc.store, Y.createID(client, clock))
  return struct instanceof Y.Item ? struct.parentSub : null
}
