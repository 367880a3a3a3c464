/** Yjs updates (format V1) written by hand, lies included: what an attacker sends. */
import * as encoding from 'lib0/encoding'

/** Client and clock of an item. */
export type ItemId = readonly [client: number, clock: number]

export interface Content {
  /** Content type in the item's info byte. */
  readonly ref: number
  write(encoder: encoding.Encoder): void
}

/** An item, a run of collected items, or a gap. */
export type Struct =
  | {
      origin?: ItemId | undefined
      right?: ItemId | undefined
      /** Where it hangs, unless an origin tells: a root type's name, or the item of a nested type. */
      root?: string | undefined
      parent?: ItemId
      /** Key in a map. */
      sub?: string
      content: Content
    }
  | { gc: number }

export interface Section {
  client: number
  clock: number
  structs: readonly Struct[]
  /** Number of structs it claims to have. */
  claims?: number
}

/** Deleted ranges of one client's items. */
export type Deleted = readonly [client: number, ranges: readonly (readonly [clock: number, length: number])[]]

export const any = (...values: unknown[]): Content => ({
  ref: 8,
  write: encoder => {
    encoding.writeVarUint(encoder, values.length)
    for (const value of values) encoding.writeAny(encoder, value as Parameters<typeof encoding.writeAny>[1])
  },
})
export const text = (value: string): Content => ({ ref: 4, write: encoder => encoding.writeVarString(encoder, value) })
/** A shared type: 0 array, 1 map, 2 text. */
export const shared = (kind: number): Content => ({ ref: 7, write: encoder => encoding.writeVarUint(encoder, kind) })
export const subdocument = (guid: string, options: Record<string, unknown> = {}): Content => ({
  ref: 9,
  write: encoder => {
    encoding.writeVarString(encoder, guid)
    encoding.writeAny(encoder, options as Parameters<typeof encoding.writeAny>[1])
  },
})
export const rawContent = (ref: number, ...bytes: number[]): Content => ({
  ref,
  write: encoder => {
    for (const byte of bytes) encoding.write(encoder, byte)
  },
})

/** One section per entry of `sections`, then the delete set. */
export function update(sections: readonly Section[], deleted: readonly Deleted[] = []): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, sections.length)
  for (const { client, clock, structs, claims } of sections) {
    for (const part of [claims ?? structs.length, client, clock]) encoding.writeVarUint(encoder, part)
    for (const struct of structs) writeStruct(encoder, struct)
  }
  encoding.writeVarUint(encoder, deleted.length)
  for (const [client, ranges] of deleted) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const part of ranges.flat()) encoding.writeVarUint(encoder, part)
  }
  return encoding.toUint8Array(encoder)
}

/** The items of one client from one clock on. */
export const items = (client: number, clock: number, ...structs: Struct[]): Uint8Array =>
  update([{ client, clock, structs }])

/** Deletes ranges of one client's items. */
export const deletes = (client: number, clock: number, length: number): Uint8Array =>
  update([], [[client, [[clock, length]]]])

/** A varuint of any size, also beyond what numbers hold. */
export function varUint(value: bigint): number[] {
  const bytes: number[] = []
  let left = value
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  return [...bytes, Number(left)]
}

function writeStruct(encoder: encoding.Encoder, struct: Struct): void {
  if ('gc' in struct) {
    encoding.writeUint8(encoder, 0)
    encoding.writeVarUint(encoder, struct.gc)
    return
  }
  const { origin, right, root, parent, sub, content } = struct
  const info = content.ref | (origin ? 0x80 : 0) | (right ? 0x40 : 0) | (sub === undefined ? 0 : 0x20)
  encoding.writeUint8(encoder, info)
  for (const part of [...(origin ?? []), ...(right ?? [])]) encoding.writeVarUint(encoder, part)
  if (origin === undefined && right === undefined) {
    encoding.writeVarUint(encoder, root === undefined ? 0 : 1)
    if (root !== undefined) encoding.writeVarString(encoder, root)
    else for (const part of parent ?? []) encoding.writeVarUint(encoder, part)
    if (sub !== undefined) encoding.writeVarString(encoder, sub)
  }
  content.write(encoder)
}
