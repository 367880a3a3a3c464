/**
 * Desks: documents that show what the draft shows and can be edited by any Yjs program. Edits of one are made again in
 * the other as local ones, through the events' deltas, so that no foreign client id ever reaches the mesh and nothing a
 * program writes is more than an edit (CONTEXT.md §8).
 */
import * as Y from 'yjs'
import { ROOTS } from './guard.ts'
import { levelText } from './level-text.ts'
import { textDelta } from './text-delta.ts'

type Root = keyof typeof ROOTS
const NAMES = Object.keys(ROOTS) as Root[]

/** The draft's document in the middle, desks around it. */
export class DeskHub {
  #draft: Y.Doc
  #unwatch: () => void
  readonly #desks = new Map<Y.Doc, () => void>()
  /** Whether desks may change the draft. */
  readonly #isEditor: boolean

  constructor(draft: Y.Doc, isEditor: boolean) {
    this.#draft = draft
    this.#isEditor = isEditor
    this.#unwatch = this.#watchDraft()
  }

  /** A new document with what the draft shows. */
  add(client?: number): Y.Doc {
    const desk = new Y.Doc()
    if (client !== undefined) desk.clientID = client
    this.#desks.set(
      desk,
      watch(desk, (root, events, transaction) => {
        if (transaction.origin === this) return
        const isRepeated = this.#isEditor && tried(this.#draft, root, events, desk)
        if (!isRepeated) copyContents(desk, this.#draft, this)
      }),
    )
    copyContents(desk, this.#draft, this)
    return desk
  }

  remove(desk: Y.Doc): void {
    this.#desks.get(desk)?.()
    this.#desks.delete(desk)
    desk.destroy()
  }

  /** Another document takes the draft's place: desks are made to show it. */
  replace(draft: Y.Doc): void {
    this.#unwatch()
    this.#draft = draft
    this.#unwatch = this.#watchDraft()
    for (const desk of this.#desks.keys()) copyContents(desk, draft, this)
  }

  /** What every change of the draft made by a desk has as its origin. */
  isDesk(origin: unknown): boolean {
    return origin instanceof Y.Doc && this.#desks.has(origin)
  }

  #watchDraft(): () => void {
    return watch(this.#draft, (root, events, transaction) => {
      for (const desk of this.#desks.keys())
        if (desk !== transaction.origin && !tried(desk, root, events, this)) copyContents(desk, this.#draft, this)
    })
  }
}

type Watcher = (root: Root, events: Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction) => void

function watch(doc: Y.Doc, watcher: Watcher): () => void {
  const stops = NAMES.map(root => {
    const type = rootOf(doc, root)
    const observer = (events: Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction) =>
      watcher(root, events, transaction)
    type.observeDeep(observer)
    return () => type.unobserveDeep(observer)
  })
  return () => {
    for (const stop of stops) stop()
  }
}

const rootOf = (doc: Y.Doc, root: Root): Y.AbstractType<unknown> => doc.get(root, ROOTS[root] as typeof Y.AbstractType)

/** False when the events could not be repeated: an editor may write what has no counterpart. */
function tried(doc: Y.Doc, root: Root, events: readonly Y.YEvent<Y.AbstractType<unknown>>[], origin: unknown): boolean {
  try {
    doc.transact(() => repeat(events, rootOf(doc, root)), origin)
    return true
  } catch {
    return false
  }
}

/** Does to `root` what the events say was done to its counterpart. */
function repeat(events: readonly Y.YEvent<Y.AbstractType<unknown>>[], root: Y.AbstractType<unknown>): void {
  for (const event of events) {
    const target = at(root, event.path)
    if (target instanceof Y.Text) target.applyDelta(textDelta(event, event.target as Y.Text), { sanitize: false })
    else if (target instanceof Y.Array || target instanceof Y.XmlFragment) repeatList(event, target)
    if (target instanceof Y.Map) repeatKeys(event, target)
  }
}

function repeatList(event: Y.YEvent<Y.AbstractType<unknown>>, target: Y.Array<unknown> | Y.XmlFragment): void {
  let index = 0
  for (const { retain, delete: removed, insert } of event.delta)
    if (retain !== undefined) index += retain
    else if (removed !== undefined) target.delete(index, removed)
    else if (Array.isArray(insert)) {
      const items = insert.map(cloned)
      if (target instanceof Y.Array) target.insert(index, items)
      else target.insert(index, items as (Y.XmlElement | Y.XmlText)[])
      index += items.length
    }
}

function repeatKeys(event: Y.YEvent<Y.AbstractType<unknown>>, target: Y.Map<unknown>): void {
  const source = event.target as Y.Map<unknown>
  for (const [key, { action }] of event.keys)
    if (action === 'delete') target.delete(key)
    else target.set(key, cloned(source.get(key)))
}

function at(root: Y.AbstractType<unknown>, path: readonly (string | number)[]): unknown {
  let type: unknown = root
  for (const step of path)
    if (type instanceof Y.Map) type = type.get(String(step))
    else if (type instanceof Y.Array || type instanceof Y.XmlFragment) type = type.get(Number(step))
    else return undefined
  return type
}

/** A type can stand in one document only. */
const cloned = (value: unknown): unknown => (value instanceof Y.AbstractType ? value.clone() : value)

/** Makes a document of a draft show what another shows, with as few edits of its text as possible. */
export function copyContents(target: Y.Doc, source: Y.Doc, origin?: unknown): void {
  target.transact(() => {
    levelText(target.getText('content'), source.getText('content'))
    const [list, map] = [target.getArray('list'), target.getMap('map')]
    if (JSON.stringify(list.toJSON()) !== JSON.stringify(source.getArray('list').toJSON())) {
      list.delete(0, list.length)
      list.insert(0, source.getArray('list').toArray().map(cloned))
    }
    const wanted = source.getMap('map')
    for (const key of [...map.keys()]) if (!wanted.has(key)) map.delete(key)
    for (const [key, value] of wanted.entries()) if (shown(map.get(key)) !== shown(value)) map.set(key, cloned(value))
  }, origin)
}

const shown = (value: unknown): string => JSON.stringify(value instanceof Y.AbstractType ? value.toJSON() : value) ?? ''
