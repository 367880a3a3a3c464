/** A Yjs V1 update as plain data: what the strict parser reads and the writer writes, and nothing else. */
import type { Json } from '@amp-mesh/protocol'

/** A struct's name in a Yjs document. */
export interface StructId {
  readonly client: number
  readonly clock: number
}

/** What an item holds; `ref` is Yjs's number of the content's type. Without a place here: GC, Skip, JSON, documents. */
export type Content =
  | { readonly ref: 1; readonly length: number }
  | { readonly ref: 3; readonly bytes: Uint8Array }
  | { readonly ref: 4; readonly text: string }
  | { readonly ref: 5; readonly embed: Json }
  | { readonly ref: 6; readonly format: string; readonly value: Json }
  | { readonly ref: 7; readonly type: number; readonly name?: string }
  | { readonly ref: 8; readonly values: readonly AnyValue[] }

/** What lib0's `writeAny` takes of what we let in: JSON, bytes, and `undefined`. */
export type AnyValue = Json | undefined | Uint8Array | readonly AnyValue[] | { readonly [key: string]: AnyValue }

export interface Item {
  readonly clock: number
  readonly length: number
  readonly origin?: StructId
  readonly rightOrigin?: StructId
  /** Only of an item with neither origin: a root's name, or the item of the type it is in. */
  readonly parent?: string | StructId
  readonly key?: string
  readonly content: Content
}

/** Clocks without content: GC or Skip structs. */
export interface Gap {
  readonly clock: number
  readonly length: number
  readonly content?: undefined
}

export interface Section {
  readonly client: number
  readonly clock: number
  readonly structs: readonly (Item | Gap)[]
}

export interface DeletedRanges {
  readonly client: number
  readonly ranges: readonly { readonly clock: number; readonly length: number }[]
}

export interface Update {
  readonly sections: readonly Section[]
  readonly deleted: readonly DeletedRanges[]
}

/** Bounds of one update. */
export interface UpdateLimits {
  readonly bytes: number
  readonly clients: number
  readonly structs: number
  readonly ranges: number
  /** UTF-16 units of one text (default 16,384). */
  readonly text?: number
}
