/** A draft's edits and the document they make: applied as they come, defined by their replay in canonical order. */
import {
  DecodeError,
  DRAFT_LIMITS,
  fromBase64url,
  type PublicKey,
  type RecordId,
  SPACE_LIMITS,
} from '@amp-mesh/protocol'
import * as Y from 'yjs'
import { inOrder } from '../records.ts'
import type { Update } from '../yjs/update.ts'
import { encodeUpdate, parseUpdate } from '../yjs/update-codec.ts'
import { editorClient, isLifeOf } from './editor-client.ts'
import { type Judgement, judge, ROOTS } from './guard.ts'

/** An `edit` record, as much of it as counts. */
export interface Edit {
  readonly id: RecordId
  readonly by: PublicKey
  readonly log: string
  readonly n: number
  readonly time: number
  /** base64url of the update. */
  readonly update: string
}

interface Parsed extends Edit {
  readonly parsed: Update
}

const LIMITS = { bytes: SPACE_LIMITS.op, clients: 1, structs: DRAFT_LIMITS.structs, ranges: DRAFT_LIMITS.ranges }

/** Of what our own Yjs wrote: only absurd ones are refused. */
export const OWN_LIMITS = { bytes: 2 ** 26, clients: 1, structs: 2 ** 20, ranges: 2 ** 20, text: 2 ** 26 }

/** Whose edits count, and with which clients. */
export interface Editing {
  readonly draft: RecordId
  readonly editors: readonly PublicKey[]
}

export class Replay {
  /** Some edit was applied before another that comes first: what a liar wrote may stand elsewhere then. */
  isShuffled = false
  readonly #first: ReadonlyMap<PublicKey, number>
  readonly #onWork: (by: PublicKey) => void
  readonly #edits = new Map<RecordId, Parsed>()
  #waiting: Parsed[] = []
  #doc = newDocument()
  /** The latest of the edits applied, in canonical order. */
  #latest: Edit | undefined

  /** `onWork` is told whose edit is applied next: should that take for ever, it is known who wrote it. */
  constructor({ draft, editors }: Editing, onWork: (by: PublicKey) => void = () => {}) {
    this.#onWork = onWork
    this.#first = new Map(editors.map(editor => [editor, editorClient(draft, editor)]))
  }

  /** Without garbage collection, or verdicts would depend on when it ran. */
  get doc(): Y.Doc {
    return this.#doc
  }

  /** Whether any edit was made with a client id, or is anchored on something made with it. */
  knows(client: number): boolean {
    return [...this.#edits.values()].some(({ parsed }) => clientsIn(parsed).has(client))
  }

  /** Whether some edit that was made with a client id, or is anchored on it, waits for something. */
  isAwaited(client: number): boolean {
    return this.#waiting.some(({ parsed }) => clientsIn(parsed).has(client))
  }

  /** Applies an own update that is no record yet; false when it no longer fits. */
  apply(update: Uint8Array, by: PublicKey): boolean {
    const parsed = parseUpdate(update, OWN_LIMITS)
    const first = this.#first.get(by) ?? Number.NaN
    if (judge(this.#doc, parsed, client => isLifeOf(first, client)) !== 'ok') return false
    Y.applyUpdate(this.#doc, encodeUpdate(parsed), this)
    return true
  }

  /** Applies an edit, or keeps it until what it needs is here. What no editor's program makes is dropped. */
  take(edit: Edit): void {
    const parsed = this.#parse(edit)
    if (parsed === undefined) return
    this.#edits.set(edit.id, parsed)
    this.#waiting.push(parsed)
    this.#drain()
  }

  /** Keeps an edit for the next `rebuild`. */
  hold(edit: Edit): void {
    const parsed = this.#parse(edit)
    if (parsed !== undefined) this.#edits.set(edit.id, parsed)
  }

  /** Notes an edit that is in the document already: one's own. */
  note(edit: Edit): void {
    const parsed = this.#parse(edit)
    if (parsed === undefined) return
    this.#edits.set(edit.id, parsed)
    this.#noteOrder(parsed)
  }

  /** Keeps only these edits: a fork took the others. */
  keep(ids: ReadonlySet<RecordId>): void {
    for (const id of this.#edits.keys()) if (!ids.has(id)) this.#edits.delete(id)
  }

  /**
   * The definition: a new document from all edits in order of (time, log, n), those that wait tried again in passes.
   * Takes the place of the old one.
   */
  rebuild(): void {
    this.#doc = newDocument()
    this.#waiting = [...this.#edits.values()].sort(inOrder)
    this.#latest = this.#waiting.at(-1)
    this.#drain()
    this.isShuffled = false
  }

  /** The same for documents that show the same in the same order, deleted things included. */
  order(): string {
    const parts: unknown[] = []
    for (const name of Object.keys(ROOTS)) {
      const type = this.#doc.share.get(name)
      for (let item = type?._start ?? null; item !== null; item = item.right)
        parts.push(item.id.client, item.id.clock, item.length, item.deleted)
      const keys = [...(type?._map ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
      for (const [key, item] of keys) parts.push(key, item.id.client, item.id.clock, item.deleted)
    }
    return JSON.stringify(parts)
  }

  #parse(edit: Edit): Parsed | undefined {
    if (this.#edits.has(edit.id) || !this.#first.has(edit.by)) return undefined
    try {
      return { ...edit, parsed: parseUpdate(fromBase64url(edit.update), LIMITS) }
    } catch (error) {
      if (error instanceof DecodeError) return undefined
      throw error
    }
  }

  /** Passes over what waits, in canonical order, until one changes nothing. */
  #drain(): void {
    for (let before = -1; before !== this.#waiting.length; ) {
      before = this.#waiting.length
      this.#waiting = this.#waiting.filter(edit => this.#apply(edit) === 'blocked')
    }
  }

  #apply(edit: Parsed): Judgement {
    this.#onWork(edit.by)
    const first = this.#first.get(edit.by) ?? Number.NaN
    const judgement = judge(this.#doc, edit.parsed, client => isLifeOf(first, client))
    if (judgement === 'ok') Y.applyUpdate(this.#doc, encodeUpdate(edit.parsed), this)
    if (judgement !== 'blocked') this.#noteOrder(edit)
    return judgement
  }

  #noteOrder(edit: Edit): void {
    if (this.#latest === undefined || inOrder(this.#latest, edit) <= 0) this.#latest = edit
    else this.isShuffled = true
  }
}

function clientsIn({ sections }: Update): Set<number> {
  const clients = new Set<number>()
  for (const { client, structs } of sections) {
    clients.add(client)
    for (const struct of structs)
      if (struct.content !== undefined)
        for (const id of [struct.origin, struct.rightOrigin, struct.parent])
          if (typeof id === 'object') clients.add(id.client)
  }
  return clients
}

function newDocument(): Y.Doc {
  const doc = new Y.Doc({ gc: false })
  for (const [name, type] of Object.entries(ROOTS)) doc.get(name, type)
  // Yjs would tidy formats up by deletions of its own, which are in nobody's edit
  doc.on('afterTransaction', transaction => {
    transaction._needFormattingCleanup = false
  })
  return doc
}
