/** A value as a msgpack body, each part in its shortest form. What it writes is read by msgpack-read.ts. */

/**
 * Fields that are undefined are left out. Throws TypeError for what is neither JSON nor bytes. The body is a view into
 * room that other bodies share: copy it to keep it.
 */
export function writeMsgpack(value: unknown): Uint8Array {
  start = at
  write(value)
  return room.subarray(start, at)
}

/** Bodies are written one behind the other: most are small, and a buffer of its own costs more than a body. */
const ROOM = 32_768
let room = new Uint8Array(ROOM)
let view = new DataView(room.buffer)
/** Where the body begins that is being written, and how far it is. */
let start = 0
let at = 0

/** Text up to this length is tried as ASCII, byte by byte: for longer ones the platform's encoder is faster. */
const SHORT = 64
const encoder = new TextEncoder()

function write(value: unknown): void {
  if (typeof value === 'string') writeText(value)
  else if (typeof value === 'number') writeNumber(value)
  else if (typeof value === 'boolean') writeByte(value ? 0xc3 : 0xc2)
  else if (value === null) writeByte(0xc0)
  else if (value instanceof Uint8Array) writeBytes(value)
  else if (Array.isArray(value)) {
    writeLength(value.length, 0x90, 16, 0xdc)
    for (const each of value) write(each === undefined ? null : each)
  } else if (typeof value === 'object') writeMap(value as Record<string, unknown>)
  else throw new TypeError(`a ${typeof value} is no part of a message`)
}

function writeMap(map: Record<string, unknown>): void {
  let size = 0
  for (const key in map) if (map[key] !== undefined) size++
  writeLength(size, 0x80, 16, 0xde)
  for (const key in map) {
    const value = map[key]
    if (value === undefined) continue
    writeText(key)
    write(value)
  }
}

function writeText(text: string): void {
  if (text.length > SHORT || !writeAscii(text)) writeUtf8(text)
}

/** False, and nothing written, when it is not. */
function writeAscii(text: string): boolean {
  const { length } = text
  reserve(length + 2)
  const before = at
  if (length >= 32) room[at++] = 0xd9
  room[at++] = length < 32 ? 0xa0 | length : length
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) {
      at = before
      return false
    }
    room[at++] = code
  }
  return true
}

function writeUtf8(text: string): void {
  reserve(3 * text.length + 5)
  const guessed = textHead(text.length)
  const { written } = encoder.encodeInto(text, room.subarray(at + guessed))
  const head = textHead(written)
  if (head > guessed) room.copyWithin(at + head, at + guessed, at + guessed + written)
  if (head === 1) writeByte(0xa0 | written)
  else writeSize(written, 0xd9)
  at += written
}

/** Bytes that tell the type and length of a text of so many bytes. */
const textHead = (bytes: number): number => (bytes < 32 ? 1 : bytes < 0x100 ? 2 : bytes < 0x10000 ? 3 : 5)

function writeBytes(bytes: Uint8Array): void {
  writeSize(bytes.length, 0xc4)
  append(bytes)
}

function writeNumber(value: number): void {
  if (value >>> 0 === value) {
    if (value < 0x80) writeByte(value)
    else writeSize(value, 0xcc)
  } else if (value >> 0 === value) writeNegative(value)
  else {
    reserve(9)
    room[at++] = 0xcb
    view.setFloat64(at, value)
    at += 8
  }
}

function writeNegative(value: number): void {
  reserve(5)
  if (value >= -0x20) room[at++] = value & 0xff
  else if (value >= -0x80) {
    room[at++] = 0xd0
    room[at++] = value & 0xff
  } else if (value >= -0x8000) {
    room[at++] = 0xd1
    view.setInt16(at, value)
    at += 2
  } else {
    room[at++] = 0xd2
    view.setInt32(at, value)
    at += 4
  }
}

/** How much follows in an array or a map: `few` beside a length below `limit`, else `more` and 2 or 4 bytes. */
function writeLength(length: number, few: number, limit: number, more: number): void {
  if (length < limit) return writeByte(few | length)
  reserve(5)
  if (length < 0x10000) {
    room[at++] = more
    view.setUint16(at, length)
    at += 2
  } else {
    room[at++] = more + 1
    view.setUint32(at, length)
    at += 4
  }
}

/** A number in 1, 2 or 4 bytes behind `type`, `type + 1` or `type + 2`. */
function writeSize(size: number, type: number): void {
  if (size >= 0x100) return writeLength(size, 0, 0, type + 1)
  reserve(2)
  room[at++] = type
  room[at++] = size
}

function writeByte(byte: number): void {
  reserve(1)
  room[at++] = byte
}

function append(bytes: Uint8Array): void {
  reserve(bytes.length)
  room.set(bytes, at)
  at += bytes.length
}

/** Makes sure of room for `more` bytes; the body that is being written moves when there is not enough. */
function reserve(more: number): void {
  if (at + more <= room.length) return
  const larger = new Uint8Array(Math.max(ROOM, 2 * (at + more - start)))
  larger.set(room.subarray(start, at))
  at -= start
  start = 0
  room = larger
  view = new DataView(room.buffer)
}
