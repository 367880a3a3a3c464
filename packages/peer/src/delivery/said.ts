/** What is said on a direct channel: any JSON, within bounds that its reader has as well. */
import { AmpError, type Json, UNSAFE_KEYS, WIRE_LIMITS } from '@amp-mesh/protocol'

/** Bounds of a `say`: it is a level more than what it says, and itself, its keys and its type are values too. */
export const SAID = { depth: WIRE_LIMITS.sayDepth + 1, values: WIRE_LIMITS.sayValues + 4 }

/** Throws `bad-input`, so that who speaks learns at once what the other side would refuse. */
export function checkSaid(value: Json): void {
  const size = sizeOf(value, WIRE_LIMITS.sayDepth)
  if (size > WIRE_LIMITS.sayValues)
    throw new AmpError('bad-input', `a message holds ${WIRE_LIMITS.sayValues} values and keys, not ${size}`)
}

/** Values and keys it is made of. Fields that are undefined are none, as in JSON.stringify. */
function sizeOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.isWellFormed() ? 1 : refuse('half a character')
  if (typeof value === 'number') return Number.isFinite(value) ? 1 : refuse(String(value))
  if (value === null || typeof value === 'boolean') return 1
  if (typeof value !== 'object' || ArrayBuffer.isView(value) || 'toJSON' in value) return refuse(kindOf(value))
  if (depth === 0) throw new AmpError('bad-input', `a message is nested ${WIRE_LIMITS.sayDepth} deep at most`)
  let size = 1
  if (Array.isArray(value)) for (const each of value) size += sizeOf(each ?? null, depth - 1)
  else
    for (const key in value) {
      const field = (value as Record<string, unknown>)[key]
      if (field === undefined) continue
      if (UNSAFE_KEYS.has(key) || !key.isWellFormed()) return refuse(`the key ${key}`)
      size += 1 + sizeOf(field, depth - 1)
    }
  return size
}

const kindOf = (value: unknown) => (typeof value === 'object' ? `a ${value?.constructor?.name}` : `a ${typeof value}`)

function refuse(what: string): never {
  throw new AmpError('bad-input', `a message is a JSON value: ${what} is none`)
}
