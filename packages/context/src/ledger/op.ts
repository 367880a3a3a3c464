/** One op as a replica reads it, rule R10: a function of its bytes and the space's limits, never of what we know. */
import {
  AmpError,
  canonicalBytes,
  concat,
  EDIT_TAG,
  fromBase64url,
  type Json,
  type Op,
  parseCanonical,
  parseCanonicalText,
  readOp,
  type SpaceLimits,
  toBase64url,
  UNSAFE_KEYS,
} from '@amp-mesh/protocol'
import { isKept, isOfKeptKind } from './kept.ts'

/** Where a binary edit's update begins: behind its tag and the draft's id. */
const EDIT_HEAD = 25

/**
 * `bytes`: of the op, or their text where it is JSON. Undefined: neither an edit nor canonical JSON within the limits;
 * such an op keeps its number in the log, that is all. Else a record: with `op` as this version understands it, or
 * opaque, when its kind or shape is unknown here.
 */
export function readRecordOp(bytes: Uint8Array | string, limits: SpaceLimits): { op: Op | undefined } | undefined {
  if (typeof bytes !== 'string' && bytes[0] === EDIT_TAG) return readEdit(bytes)
  let value: Json
  try {
    value = typeof bytes === 'string' ? parseCanonicalText(bytes) : parseCanonical(bytes)
  } catch {
    return undefined
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  if (!isWithin(value, limits, limits.depth)) return undefined
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
