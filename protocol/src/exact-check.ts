/**
 * A schema's quick yes: true only for JSON that the schema takes exactly as it is. On no, the schema itself decides.
 * Records are read by the hundred thousand, nearly all of them well-formed; this spares them the copy that a parse is.
 */
import type * as z from 'zod/mini'

/** Looks at a value that came out of JSON.parse or `readMsgpack`. */
export type ExactCheck = (value: unknown) => boolean

type Schema = z.core.$ZodType
type Check = z.core.$ZodCheck

const never: ExactCheck = () => false
const always: ExactCheck = () => true

/** JSON, where bytes or numbers that JSON lacks may be among it; nesting was bounded before. */
export const isJson: ExactCheck = value => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value instanceof Uint8Array) return false
  if (Array.isArray(value)) return value.every(isJson)
  for (const key in value) if (!isJson((value as Record<string, unknown>)[key])) return false
  return true
}

/**
 * `json`: the schema that stands for any JSON, and what checks that; after JSON.parse nothing has to. Parts of a schema
 * that are not known here always say no.
 */
export function exactCheckOf(schema: Schema, json: Schema, isOfJson: ExactCheck = always): ExactCheck {
  if (schema === json) return isOfJson
  const { def } = (schema as z.core.$ZodTypes)._zod
  const inner = (part: Schema) => exactCheckOf(part, json, isOfJson)
  switch (def.type) {
    case 'string':
      return allOf([value => typeof value === 'string', ...checksOf(schema)])
    case 'number':
      return allOf([value => Number.isFinite(value), ...checksOf(schema)])
    case 'boolean':
      return value => typeof value === 'boolean'
    case 'literal':
      return oneOf(def.values)
    case 'enum':
      return oneOf(Object.values(def.entries))
    case 'optional':
      return inner(def.innerType)
    case 'array': {
      const element = inner(def.element)
      return allOf([value => Array.isArray(value) && value.every(element), ...checksOf(schema)])
    }
    case 'tuple': {
      const items = def.items.map(inner)
      if (def.rest !== null) return never
      return value => Array.isArray(value) && value.length === items.length && items.every((item, i) => item(value[i]))
    }
    case 'object':
      return allOf([objectCheck(def.shape, inner), ...checksOf(schema)])
    case 'custom':
      return allOf(checksOf(schema))
    default:
      return never
  }
}

/** No key but those of the shape, and all that are not optional. */
function objectCheck(shape: Readonly<Record<string, Schema>>, inner: (part: Schema) => ExactCheck): ExactCheck {
  const isOptional = (part: Schema) => (part as z.core.$ZodTypes)._zod.def.type === 'optional'
  const fields = new Map(
    Object.entries(shape).map(([key, part]) => [key, { check: inner(part), isRequired: !isOptional(part) }]),
  )
  const required = Object.values(shape).filter(part => !isOptional(part)).length
  return value => {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array) return false
    let found = 0
    for (const key in value) {
      const field = fields.get(key)
      if (field === undefined || !field.check((value as Record<string, unknown>)[key])) return false
      if (field.isRequired) found++
    }
    return found === required
  }
}

/** What `schema` asks beyond its type. One like `z.int()` is both at once: a number, and a check of it. */
function checksOf(schema: Schema): ExactCheck[] {
  const own = schema._zod.traits.has('$ZodCheck') ? [schema as Schema & Check] : []
  return [...own, ...(schema._zod.def.checks ?? [])].map(({ _zod }) => {
    const def = _zod.def as z.core.$ZodChecks['_zod']['def'] | z.core.$ZodCustomDef
    switch (def.check) {
      case 'min_length':
        return value => (value as string).length >= def.minimum
      case 'max_length':
        return value => (value as string).length <= def.maximum
      case 'length_equals':
        return value => (value as string).length === def.length
      case 'string_format': {
        const { pattern } = def
        return pattern === undefined || pattern.global ? never : value => pattern.test(value as string)
      }
      case 'number_format':
        return def.format === 'safeint' ? value => Number.isSafeInteger(value) : never
      case 'custom':
        return value => def.fn(value) === true
      case 'greater_than':
        return def.inclusive ? value => (value as number) >= (def.value as number) : never
      case 'less_than':
        return def.inclusive ? value => (value as number) <= (def.value as number) : never
      default:
        return never
    }
  })
}

const oneOf = (values: readonly unknown[]): ExactCheck => {
  const known = new Set(values)
  return value => known.has(value)
}

function allOf(checks: readonly ExactCheck[]): ExactCheck {
  const [first = always, second = always, ...rest] = checks
  if (rest.length > 0) return value => checks.every(check => check(value))
  return value => first(value) && second(value)
}
