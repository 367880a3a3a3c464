/** One op as a replica reads it, rule R10: a function of its bytes and the space's limits, never of what we know. */
import {
  AmpError,
  canonicalBytes,
  concat,
  EDIT_TAG,
  fromBase64url,
  fromUtf8,
  type Json,
  type Op,
  parseCanonical,
  readOp,
  type SpaceLimits,
  toBase64url,
  UNSAFE_KEYS,
} from '@amp-mesh/protocol'
import { isKept, isOfKeptKind } from './kept.ts'
import { isPlainOp } from './plain-op.ts'
import { isForgotten, type OpBytes } from './segment.ts'

type JsonObject = Extract<Json, { [key: string]: Json }>

/** Where a binary edit's update begins: behind its tag and the draft's id. */
const EDIT_HEAD = 25

/** An op that is a record: as this version understands it; undefined for an opaque one, of unknown kind or shape. */
export interface RecordOp {
  readonly op: Op | undefined
}

/** Undefined: neither an edit nor canonical JSON within the limits; such an op keeps its number, that is all. */
export function readRecordOp(bytes: Uint8Array, limits: SpaceLimits): RecordOp | undefined {
  if (bytes[0] === EDIT_TAG) return readEdit(bytes)
  let value: Json
  try {
    value = parseCanonical(bytes)
  } catch {
    return undefined
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  if (!isWithin(value, limits, limits.depth)) return undefined
  return understood(value, bytes)
}

/** The same for the ops of an entry; undefined where only a hash is left. Parsing costs by the call: most share one. */
export function readRecordOps(ops: readonly OpBytes[], limits: SpaceLimits): (RecordOp | undefined)[] {
  const plain: Uint8Array[] = []
  for (const op of ops) if (!isForgotten(op) && isPlainOp(op, limits)) plain.push(op)
  const values = parsedTogether(plain)
  let next = 0
  return ops.map(op => {
    if (isForgotten(op)) return undefined
    return op === plain[next] && values !== undefined
      ? understood(values[next++] as JsonObject, op)
      : readRecordOp(op, limits)
  })
}

/** Each is one JSON object if it is UTF-8; undefined if one of them is not. */
function parsedTogether(ops: readonly Uint8Array[]): JsonObject[] | undefined {
  const [only] = ops
  if (only === undefined) return undefined
  try {
    return ops.length === 1 ? [JSON.parse(fromUtf8(only))] : JSON.parse(fromUtf8(listOf(ops)))
  } catch {
    return undefined
  }
}

/** One JSON array of them all. */
function listOf(ops: readonly Uint8Array[]): Uint8Array {
  const list = new Uint8Array(ops.reduce((sum, { length }) => sum + 1 + length, 1)).fill(COMMA)
  let at = 0
  for (const op of ops) {
    list.set(op, at + 1)
    at += 1 + op.length
  }
  list[0] = BRACKET
  list[at] = BRACKET_END
  return list
}

const [BRACKET, COMMA, BRACKET_END] = [0x5b, 0x2c, 0x5d]

/** What the canonical JSON in `bytes` says. */
function understood(value: JsonObject, bytes: Uint8Array): RecordOp | undefined {
  if (value.k === 'edit') return { op: undefined } // an edit has one form, the binary one
  const op = readOp(value)
  const kept = isKept(bytes)
  // what others count on can't be an op that may be forgotten, and what is never forgotten is nothing else
  if (kept !== (op !== undefined && isOfKeptKind(op))) return kept ? undefined : { op: undefined }
  return { op }
}

/** What is in the update is between the draft's editors: here it is any bytes. */
function readEdit(bytes: Uint8Array): { op: Op } | undefined {
  if (bytes.length <= EDIT_HEAD) return undefined
  const draft = toBase64url(bytes.subarray(1, EDIT_HEAD))
  return { op: { k: 'edit', draft, update: toBase64url(bytes.subarray(EDIT_HEAD)) } }
}

/** Bytes of an own op. Throws `bad-input` for what others could not read, `too-large` for what they would refuse. */
export function writeRecordOp(op: Op, limits: SpaceLimits): Uint8Array {
  const bytes = op.k === 'edit' ? editBytes(op) : canonicalBytes(op)
  if (bytes.length > limits.op)
    throw new AmpError('too-large', `a record has at most ${limits.op} bytes; put longer contents into an artifact`)
  if (readRecordOp(bytes, limits)?.op === undefined)
    throw new AmpError('bad-input', `not a valid ${op.k} record: a field is missing, wrong or above its bound`)
  return bytes
}

function editBytes({ draft, update }: Op<'edit'>): Uint8Array {
  try {
    return concat(Uint8Array.of(EDIT_TAG), fromBase64url(draft), fromBase64url(update))
  } catch (error) {
    throw new AmpError('bad-input', 'an edit has a draft id and an update, both base64url', String(error), error)
  }
}

/** Safe keys, and no value deeper, longer or larger than the space allows. */
function isWithin(value: Json, limits: SpaceLimits, depth: number): boolean {
  if (typeof value === 'string') return value.length <= limits.string
  if (value === null || typeof value !== 'object') return true
  if (depth === 0) return false
  if (Array.isArray(value))
    return value.length <= limits.array && value.every(item => isWithin(item, limits, depth - 1))
  let keys = 0
  for (const key in value) {
    if (++keys > limits.keys || UNSAFE_KEYS.has(key) || key.length > limits.string) return false
    if (!isWithin(value[key] as Json, limits, depth - 1)) return false
  }
  return true
}
