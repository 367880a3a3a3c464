/**
 * The strict codec of Yjs V1 updates. What arrives is parsed here and written anew, so that Yjs only ever decodes bytes
 * of our own: its two decoders disagree, allocate what eight bytes announce, and ignore what trails (CONTEXT.md §1).
 */
import * as encoding from 'lib0/encoding'
import type { Content, DeletedRanges, Gap, Item, Section, StructId, Update, UpdateLimits } from './update.ts'
import { bad, UpdateReader } from './update-reader.ts'

const GC = 0
const SKIP = 10
const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
const HAS_KEY = 0x20
const CONTENT = 0x1f
/** Clocks and lengths stay far below where arithmetic becomes inexact. */
const MAX_CLOCK = 2 ** 40
const ROOT_NAME = 64
/** XML elements and hooks have a name; a hook's type is 5, which we do not take. */
const XML_ELEMENT = 3
const XML_HOOK = 5
const LAST_TYPE = 6

/** Throws a DecodeError for whatever Yjs would not have written, and above the limits. */
export function parseUpdate(bytes: Uint8Array, limits: UpdateLimits): Update {
  if (bytes.length > limits.bytes) throw bad('it is too large')
  const reader = new UpdateReader(bytes, limits.text)
  let structsLeft = limits.structs
  const sections = times(reader.integer(limits.clients), () => {
    const section = readSection(reader, structsLeft)
    structsLeft -= section.structs.length
    return section
  })
  let rangesLeft = limits.ranges
  const deleted = times(reader.integer(Math.min(limits.clients + limits.ranges, reader.left)), () => {
    const entry = readRanges(reader, rangesLeft)
    rangesLeft -= entry.ranges.length
    return entry
  })
  if (reader.left > 0) throw bad('something follows its end')
  if (hasRepeated(sections) || hasRepeated(deleted)) throw bad('a client appears twice')
  return { sections, deleted }
}

/** Canonical bytes of an update; gaps become GC structs. */
export function encodeUpdate({ sections, deleted }: Update): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, sections.length)
  for (const { client, clock, structs } of sections) {
    encoding.writeVarUint(encoder, structs.length)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    for (const struct of structs) writeStruct(encoder, struct)
  }
  encoding.writeVarUint(encoder, deleted.length)
  for (const { client, ranges } of deleted) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const { clock, length } of ranges) {
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarUint(encoder, length)
    }
  }
  return encoding.toUint8Array(encoder)
}

// ---- reading --------------------------------------------------------------------------------------------------------

function readSection(reader: UpdateReader, max: number): Section {
  const count = reader.integer(max)
  if (count === 0) throw bad('a client without structs')
  const client = reader.integer()
  const first = reader.integer(MAX_CLOCK)
  let clock = first
  const structs = times(count, () => {
    const struct = readStruct(reader, clock)
    clock += struct.length
    if (clock > MAX_CLOCK) throw bad('a clock is too large')
    return struct
  })
  return { client, clock: first, structs }
}

function readStruct(reader: UpdateReader, clock: number): Item | Gap {
  const info = reader.byte()
  if (info === GC || info === SKIP) return { clock, length: positive(reader.integer(MAX_CLOCK)) }
  const origin = (info & HAS_ORIGIN) === 0 ? undefined : reader.id()
  const rightOrigin = (info & HAS_RIGHT_ORIGIN) === 0 ? undefined : reader.id()
  const place = origin === undefined && rightOrigin === undefined ? readPlace(reader, info) : {}
  const content = readContent(reader, info & CONTENT)
  return {
    clock,
    length: lengthOf(content),
    ...(origin && { origin }),
    ...(rightOrigin && { rightOrigin }),
    ...place,
    content,
  }
}

/** Of an item that has no neighbour to take it from. */
function readPlace(reader: UpdateReader, info: number): { parent: string | StructId; key?: string } {
  const parent = reader.integer(1) === 1 ? reader.string(ROOT_NAME) : reader.id()
  return (info & HAS_KEY) === 0 ? { parent } : { parent, key: reader.key() }
}

function readContent(reader: UpdateReader, ref: number): Content {
  switch (ref) {
    case 1:
      return { ref, length: positive(reader.integer(MAX_CLOCK)) }
    case 3:
      return { ref, bytes: reader.buffer() }
    case 4: {
      const text = reader.string()
      if (text === '') throw bad('an empty text')
      return { ref, text }
    }
    case 5:
      return { ref, embed: reader.json() }
    case 6:
      return { ref, format: reader.key(), value: reader.json() }
    case 7: {
      const type = reader.integer(LAST_TYPE)
      if (type === XML_HOOK) throw bad('an XML hook')
      return type === XML_ELEMENT ? { ref, type, name: reader.key() } : { ref, type }
    }
    case 8:
      return { ref, values: times(positive(reader.integer(reader.left)), () => reader.any()) }
    default:
      throw bad(`content of type ${ref}`)
  }
}

function readRanges(reader: UpdateReader, max: number): DeletedRanges {
  const client = reader.integer()
  const ranges = times(positive(reader.integer(max)), () => ({
    clock: reader.integer(MAX_CLOCK),
    length: positive(reader.integer(MAX_CLOCK)),
  }))
  return { client, ranges }
}

/** Clocks that content takes. */
function lengthOf(content: Content): number {
  if (content.ref === 1) return content.length
  if (content.ref === 4) return content.text.length
  return content.ref === 8 ? content.values.length : 1
}

function positive(value: number): number {
  if (value === 0) throw bad('a length of nothing')
  return value
}

const times = <T>(count: number, make: () => T): T[] => {
  const made: T[] = []
  for (let i = 0; i < count; i++) made.push(make()) // grows with what is really there
  return made
}

const hasRepeated = (entries: readonly { client: number }[]) =>
  new Set(entries.map(({ client }) => client)).size < entries.length

// ---- writing --------------------------------------------------------------------------------------------------------

function writeStruct(encoder: encoding.Encoder, struct: Item | Gap): void {
  if (struct.content === undefined) {
    encoding.writeUint8(encoder, GC)
    return encoding.writeVarUint(encoder, struct.length)
  }
  const { origin, rightOrigin, parent, key, content } = struct
  const info =
    content.ref |
    (origin === undefined ? 0 : HAS_ORIGIN) |
    (rightOrigin === undefined ? 0 : HAS_RIGHT_ORIGIN) |
    (key === undefined ? 0 : HAS_KEY)
  encoding.writeUint8(encoder, info)
  if (origin !== undefined) writeId(encoder, origin)
  if (rightOrigin !== undefined) writeId(encoder, rightOrigin)
  if (parent !== undefined) {
    encoding.writeVarUint(encoder, typeof parent === 'string' ? 1 : 0)
    if (typeof parent === 'string') encoding.writeVarString(encoder, parent)
    else writeId(encoder, parent)
    if (key !== undefined) encoding.writeVarString(encoder, key)
  }
  writeContent(encoder, content)
}

function writeContent(encoder: encoding.Encoder, content: Content): void {
  switch (content.ref) {
    case 1:
      return encoding.writeVarUint(encoder, content.length)
    case 3:
      return encoding.writeVarUint8Array(encoder, content.bytes)
    case 4:
      return encoding.writeVarString(encoder, content.text)
    case 5:
      return encoding.writeVarString(encoder, JSON.stringify(content.embed))
    case 6:
      encoding.writeVarString(encoder, content.format)
      return encoding.writeVarString(encoder, JSON.stringify(content.value))
    case 7:
      encoding.writeVarUint(encoder, content.type)
      if (content.name !== undefined) encoding.writeVarString(encoder, content.name)
      return
    default:
      encoding.writeVarUint(encoder, content.values.length)
      for (const value of content.values) encoding.writeAny(encoder, value as Parameters<typeof encoding.writeAny>[1])
  }
}

function writeId(encoder: encoding.Encoder, { client, clock }: StructId): void {
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, clock)
}
