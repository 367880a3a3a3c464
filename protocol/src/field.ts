/** The kinds of field that messages, records and documents are made of. */
import * as z from 'zod/mini'
import type { Json } from './canonical-json.ts'
import { PATTERNS } from './ids.ts'
import { SPACE_LIMITS } from './limits.ts'

export const optional = z.optional

/** `max`, `length`: UTF-16 code units. */
export const text = (max: number = SPACE_LIMITS.string) => z.string().check(z.maxLength(max))
export const words = (max: number) => z.string().check(z.minLength(1), z.maxLength(max))
export const textOf = (length: number) => z.string().check(z.length(length))
export const matching = (pattern: RegExp) => z.string().check(z.regex(pattern))

export const integer = (min: number, max: number) => z.int().check(z.minimum(min), z.maximum(max))
export const natural = integer(0, Number.MAX_SAFE_INTEGER)
export const confidence = z.number().check(z.minimum(0), z.maximum(1))

export const list = <T extends z.ZodMiniType>(item: T, max: number = SPACE_LIMITS.array) =>
  z.array(item).check(z.maxLength(max))

export const recordId = matching(PATTERNS.recordId)
export const publicKey = matching(PATTERNS.publicKey)
export const hash = matching(PATTERNS.hash)
export const logId = matching(PATTERNS.logId)
export const hash16 = matching(PATTERNS.logId) // 16 bytes, like a log id
export const agentName = matching(PATTERNS.agentName)

export const json = z.json() as z.ZodMiniType<Json>
export const bytes = (max: number) =>
  z.custom<Uint8Array>(b => b instanceof Uint8Array && b.length > 0 && b.length <= max, { error: `1 to ${max} bytes` })

export const bytesOf = (n: number) =>
  z.custom<Uint8Array>(b => b instanceof Uint8Array && b.length === n, { error: `${n} bytes` })

/** What work takes; `cost`: in whatever unit its author counts. */
export const effort = z.object({
  ms: optional(natural),
  tokens: optional(natural),
  cost: optional(z.number().check(z.minimum(0))),
})
