/** Whether an edit may be applied to a draft: checks G2 to G8 of CONTEXT.md §1, on what the strict parser read. */
import { DRAFT_LIMITS } from '@amp-mesh/protocol'
import * as Y from 'yjs'
import type { Item, Section, StructId, Update } from '../yjs/update.ts'

/** Roots of every draft, with their Yjs types. */
export const ROOTS = { content: Y.Text, list: Y.Array, map: Y.Map } as const

/**
 * `blocked`: it needs something that is not here yet. `bad`: no editor's program makes such an edit; it counts for
 * nothing. Verdicts depend on the document, so only those of the canonical replay are final.
 */
export type Judgement = 'ok' | 'blocked' | 'bad'

/** `isOwn`: is this a client id of the edit's author? The document must not collect garbage. */
export function judge(doc: Y.Doc, { sections, deleted }: Update, isOwn: (client: number) => boolean): Judgement {
  const [section, ...others] = sections
  if (others.length > 0) return 'bad'
  const judgement = section === undefined ? 'ok' : judgeSection(doc, section, isOwn)
  if (judgement !== 'ok') return judgement
  const end = section === undefined ? undefined : endOf(section)
  for (const { client, ranges } of deleted)
    for (const { clock, length } of ranges) {
      const isOwnEnd = client === section?.client && end !== undefined
      if (clock + length > (isOwnEnd ? end : Y.getState(doc.store, client))) return isOwnEnd ? 'bad' : 'blocked'
    }
  return 'ok'
}

function judgeSection(doc: Y.Doc, section: Section, isOwn: (client: number) => boolean): Judgement {
  const { client, clock, structs } = section
  const known = Y.getState(doc.store, client)
  if (!isOwn(client) || clock < known) return 'bad'
  if (clock > known) return 'blocked'
  const depths = new Depths(doc, section)
  for (const item of structs) {
    if (item.content === undefined) return 'bad'
    const { origin, rightOrigin, parent } = item
    if (typeof parent === 'string' && !Object.hasOwn(ROOTS, parent)) return 'bad'
    for (const id of [origin, rightOrigin, typeof parent === 'string' ? undefined : parent]) {
      if (id === undefined) continue
      if (id.client === client && id.clock >= item.clock) return 'bad'
      if (id.client !== client && id.clock >= Y.getState(doc.store, id.client)) return 'blocked'
    }
    if (!depths.add(item)) return 'bad'
  }
  return 'ok'
}

/** How deep each item of a section would stand: readers recurse. */
class Depths {
  readonly #doc: Y.Doc
  readonly #section: Section
  readonly #own: { readonly item: Item; readonly depth: number }[] = []

  constructor(doc: Y.Doc, section: Section) {
    this.#doc = doc
    this.#section = section
  }

  /** False for an item in something that is no type, or too deep. */
  add(item: Item): boolean {
    const depth = this.#depthOf(item)
    if (depth === undefined || depth >= DRAFT_LIMITS.depth) return false
    this.#own.push({ item, depth })
    return true
  }

  #depthOf({ parent, origin, rightOrigin }: Item): number | undefined {
    if (typeof parent === 'string') return 0
    if (parent !== undefined) {
      const depth = this.#isType(parent) ? this.#at(parent) : undefined
      return depth === undefined ? undefined : depth + 1
    }
    const neighbour = origin ?? rightOrigin
    return neighbour === undefined ? undefined : this.#at(neighbour)
  }

  #isType(id: StructId): boolean {
    const own = this.#ownAt(id)
    if (own !== undefined) return own.item.content.ref === 7
    const item = this.#itemAt(id)
    return item?.content instanceof Y.ContentType
  }

  #at(id: StructId): number | undefined {
    const own = this.#ownAt(id)
    if (own !== undefined) return own.depth
    let depth = 0
    for (let item = this.#itemAt(id); item !== undefined && depth < DRAFT_LIMITS.depth; depth++) {
      const above: Y.Item | null = item.parent instanceof Y.AbstractType ? item.parent._item : null
      if (above === null) return depth
      item = above
    }
    return depth === 0 ? undefined : depth
  }

  #itemAt({ client, clock }: StructId): Y.Item | undefined {
    if (clock >= Y.getState(this.#doc.store, client)) return undefined
    const struct = Y.getItem(this.#doc.store, Y.createID(client, clock))
    return struct instanceof Y.Item ? struct : undefined
  }

  /** The item of this very section that holds an id: they are in order of their clocks. */
  #ownAt({ client, clock }: StructId) {
    if (client !== this.#section.client || clock < this.#section.clock) return undefined
    let [low, high] = [0, this.#own.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#own[middle]?.item.clock ?? 0) <= clock) low = middle
      else high = middle - 1
    }
    return this.#own[low]
  }
}

function endOf({ clock, structs }: Section): number {
  const last = structs.at(-1)
  return last === undefined ? clock : last.clock + last.length
}
