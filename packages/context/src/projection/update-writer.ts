/** Gathers one update of the projection: items in ascending clock per client, gaps between them, and deletions. */
import type { Json } from '@amp-mesh/protocol'
import type { Gap, Item, StructId } from '../yjs/update.ts'
import { encodeUpdate } from '../yjs/update-codec.ts'

/** One value under a key of a root map. */
export interface MapItem extends StructId {
  readonly root: string
  readonly key: string
  readonly value: Json
  /** The item before it under this key, when one client writes the key again. */
  readonly after?: StructId
}

export class UpdateWriter {
  readonly #reached: (client: number) => number
  readonly #structs = new Map<number, (Item | Gap)[]>()
  readonly #deleted = new Map<number, { clock: number; length: 1 }[]>()

  /** `reached`: the clock each client has reached in the document the update is for. */
  constructor(reached: (client: number) => number) {
    this.#reached = reached
  }

  get isEmpty(): boolean {
    return this.#structs.size === 0 && this.#deleted.size === 0
  }

  /** First clock of a client that nothing here or in the document has taken. */
  next(client: number): number {
    const last = this.#structs.get(client)?.at(-1)
    return last === undefined ? this.#reached(client) : last.clock + last.length
  }

  /** `clock` is at least `next(client)`; what it leaves out becomes a GC struct. */
  add({ client, clock, root, key, value, after }: MapItem): void {
    const next = this.next(client)
    const structs = at(this.#structs, client)
    if (clock > next) structs.push({ clock: next, length: clock - next })
    const place = after === undefined ? { parent: root, key } : { origin: after }
    structs.push({ clock, length: 1, ...place, content: { ref: 8, values: [value] } })
  }

  delete({ client, clock }: StructId): void {
    at(this.#deleted, client).push({ clock, length: 1 })
  }

  /** The update's bytes. */
  finish(): Uint8Array {
    return encodeUpdate({
      sections: [...this.#structs].map(([client, structs]) => ({ client, clock: structs[0]?.clock ?? 0, structs })),
      deleted: [...this.#deleted].map(([client, ranges]) => ({ client, ranges })),
    })
  }
}

function at<T>(lists: Map<number, T[]>, client: number): T[] {
  const list = lists.get(client) ?? []
  lists.set(client, list)
  return list
}
