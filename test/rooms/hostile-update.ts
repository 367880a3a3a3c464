/** Yjs V1 updates written by hand: what an attacker sends. Ported from the study's `craft.mjs`. */
import * as encoding from 'lib0/encoding'

type Id = readonly [client: number, clock: number]

export interface CraftedContent {
  readonly ref: number
  write(encoder: encoding.Encoder): void
}

export interface CraftedItem {
  readonly origin?: Id | null
  readonly right?: Id | null
  readonly root?: string | null
  readonly parent?: Id
  readonly key?: string
  readonly content: CraftedContent
}

export type CraftedStruct = CraftedItem | { readonly gc: number } | { readonly skip: number }
export type CraftedSection = readonly [
  client: number,
  clock: number,
  structs: readonly CraftedStruct[],
  announced?: number,
]
export type CraftedDeletes = readonly [client: number, ranges: readonly (readonly [clock: number, length: number])[]]

export const values = (...all: readonly unknown[]): CraftedContent => ({
  ref: 8,
  write(encoder) {
    encoding.writeVarUint(encoder, all.length)
    for (const value of all) encoding.writeAny(encoder, value as Parameters<typeof encoding.writeAny>[1])
  },
})
export const text = (content: string): CraftedContent => ({ ref: 4, write: to => encoding.writeVarString(to, content) })
/** 0 array, 1 map, 2 text. */
export const type = (ref: number): CraftedContent => ({ ref: 7, write: to => encoding.writeVarUint(to, ref) })
export const deleted = (length: number): CraftedContent => ({ ref: 1, write: to => encoding.writeVarUint(to, length) })
export const subdocument = (guid: string): CraftedContent => ({
  ref: 9,
  write(encoder) {
    encoding.writeVarString(encoder, guid)
    encoding.writeAny(encoder, { autoLoad: true })
  },
})
export const format = (key: string, json: string): CraftedContent => ({
  ref: 6,
  write(encoder) {
    encoding.writeVarString(encoder, key)
    encoding.writeVarString(encoder, json)
  },
})
export const rawContent = (ref: number, bytes: readonly number[]): CraftedContent => ({
  ref,
  write: to => encoding.writeUint8Array(to, Uint8Array.from(bytes)),
})

export function craft(sections: readonly CraftedSection[], deletes: readonly CraftedDeletes[] = []): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, sections.length)
  for (const [client, clock, structs, announced] of sections) {
    encoding.writeVarUint(encoder, announced ?? structs.length)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    for (const struct of structs) writeStruct(encoder, struct)
  }
  encoding.writeVarUint(encoder, deletes.length)
  for (const [client, ranges] of deletes) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const id of ranges) writeId(encoder, id)
  }
  return encoding.toUint8Array(encoder)
}

function writeStruct(encoder: encoding.Encoder, struct: CraftedStruct): void {
  if ('gc' in struct || 'skip' in struct) {
    encoding.writeUint8(encoder, 'gc' in struct ? 0 : 10)
    return encoding.writeVarUint(encoder, 'gc' in struct ? struct.gc : struct.skip)
  }
  const { origin, right, root, parent, key, content } = struct
  encoding.writeUint8(encoder, content.ref | (origin ? 0x80 : 0) | (right ? 0x40 : 0) | (key === undefined ? 0 : 0x20))
  if (origin) writeId(encoder, origin)
  if (right) writeId(encoder, right)
  if (!origin && !right) {
    encoding.writeVarUint(encoder, root == null ? 0 : 1)
    if (root == null) writeId(encoder, parent ?? [0, 0])
    else encoding.writeVarString(encoder, root)
    if (key !== undefined) encoding.writeVarString(encoder, key)
  }
  content.write(encoder)
}

function writeId(encoder: encoding.Encoder, [client, clock]: Id): void {
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, clock)
}
