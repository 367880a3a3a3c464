/** One op as a replica reads it, rule R10: a function of its bytes and the space's limits, never of what we know. */
import {
  AmpError,
  canonicalBytes,
  type Json,
  type Op,
  parseCanonical,
  parseCanonicalText,
  readOp,
  type SpaceLimits,
  UNSAFE_KEYS,
} from '@amp-mesh/protocol'

/**
 * `bytes`: of the op, or their text. Undefined: not canonical JSON within the limits; such an op keeps its number in
 * the log, nothing else. Else a record: with `op` as this version understands it, or opaque, when its kind or shape is
 * unknown here.
 */
export function readRecordOp(bytes: Uint8Array | string, limits: SpaceLimits): { op: Op | undefined } | undefined {
  let value: Json
  try {
    value = typeof bytes === 'string' ? parseCanonicalText(bytes) : parseCanonical(bytes)
  } catch {
    return undefined
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  return isWithin(value, limits, limits.depth) ? { op: readOp(value) } : undefined
}

/** Bytes of an own op. Throws `bad-input` for what others could not read, `too-large` for what they would refuse. */
export function writeRecordOp(op: Op, limits: SpaceLimits): Uint8Array {
  const bytes = canonicalBytes(op)
  if (bytes.length > limits.op)
    throw new AmpError('too-large', `a record has at most ${limits.op} bytes; put longer contents into an artifact`)
  if (readRecordOp(bytes, limits)?.op === undefined)
    throw new AmpError('bad-input', `not a valid ${op.k} record: a field is missing, wrong or above its bound`)
  return bytes
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
