/** Yjs V1 updates written by ourselves: the only bytes the projection's document ever decodes. */
import type { Json } from '@amp-mesh/protocol'
import * as encoding from 'lib0/encoding'

/** A struct's name in a Yjs document. */
export interface StructId {
  readonly client: number
  readonly clock: number
}

/** One value under a key of a root map. */
export interface MapItem extends StructId {
  readonly root: string
  readonly key: string
  readonly value: Json
  /** The item before it under this key, when one client writes the key again. */
  readonly after?: StructId
}

const GC = 0
const CONTENT_ANY = 8
const HAS_ORIGIN = 0x80
const HAS_KEY = 0x20

/**
 * Collects items in ascending clock per client, and deletions; what lies between two clocks becomes a GC struct. Items
 * that come first in `finish` need nothing of later ones.
 */
export class UpdateWriter {
  readonly #next: (client: number) => number
  readonly #items = new Map<number, MapItem[]>()
  readonly #deleted = new Map<number, number[]>()

  /** `next`: the clock each client has reached in the document the update is for. */
  constructor(next: (client: number) => number) {
    this.#next = next
  }

  get isEmpty(): boolean {
    return this.#items.size === 0 && this.#deleted.size === 0
  }

  /** First clock of a client that nothing here or in the document has taken. */
  next(client: number): number {
    const last = this.#items.get(client)?.at(-1)
    return last === undefined ? this.#next(client) : last.clock + 1
  }

  add(item: MapItem): void {
    const items = this.#items.get(item.client)
    if (items === undefined) this.#items.set(item.client, [item])
    else items.push(item)
  }

  delete({ client, clock }: StructId): void {
    const clocks = this.#deleted.get(client)
    if (clocks === undefined) this.#deleted.set(client, [clock])
    else clocks.push(clock)
  }

  /** The update's bytes. */
  finish(): Uint8Array {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, this.#items.size)
    for (const [client, items] of this.#items) this.#writeSection(encoder, client, items)
    encoding.writeVarUint(encoder, this.#deleted.size)
    for (const [client, clocks] of this.#deleted) {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, clocks.length)
      for (const clock of clocks) {
        encoding.writeVarUint(encoder, clock)
        encoding.writeVarUint(encoder, 1)
      }
    }
    return encoding.toUint8Array(encoder)
  }

  #writeSection(encoder: encoding.Encoder, client: number, items: readonly MapItem[]): void {
    const start = this.#next(client)
    const gaps = items.filter((item, i) => item.clock > (items[i - 1]?.clock ?? start - 1) + 1).length
    encoding.writeVarUint(encoder, items.length + gaps)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, start)
    let clock = start
    for (const item of items) {
      if (item.clock > clock) {
        encoding.writeUint8(encoder, GC)
        encoding.writeVarUint(encoder, item.clock - clock)
      }
      writeItem(encoder, item)
      clock = item.clock + 1
    }
  }
}

function writeItem(encoder: encoding.Encoder, { root, key, value, after }: MapItem): void {
  encoding.writeUint8(encoder, CONTENT_ANY | HAS_KEY | (after === undefined ? 0 : HAS_ORIGIN))
  if (after === undefined) {
    encoding.writeVarUint(encoder, 1) // the parent is a root, by name
    encoding.writeVarString(encoder, root)
    encoding.writeVarString(encoder, key)
  } else {
    encoding.writeVarUint(encoder, after.client)
    encoding.writeVarUint(encoder, after.clock)
  }
  encoding.writeVarUint(encoder, 1) // values
  encoding.writeAny(encoder, value)
}
