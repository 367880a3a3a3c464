/** What is wrong with a value that a schema does not take, in words: zod/mini has none of its own. */
import type * as z from 'zod/mini'
import { DecodeError } from './errors.ts'

type Schema<T> = z.ZodMiniType<T>
type Issue = z.core.$ZodIssue

/** The value as the schema has it. `name`: with its article, for the DecodeError `bad-message` thrown otherwise. */
export function checked<T>(schema: Schema<T>, value: unknown, name: string): T {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new DecodeError('bad-message', `not ${name}`, read.error.issues.map(wordsFor).join('; '))
}

/** The first flaw, like `claims.0.text: Too big: at most 2048 characters`; undefined when there is none. */
export function flawOf(schema: Schema<unknown>, value: unknown): string | undefined {
  const [issue] = schema.safeParse(value).error?.issues ?? []
  return issue && wordsFor(issue)
}

const wordsFor = (issue: Issue) =>
  issue.path.length === 0 ? flawIn(issue) : `${issue.path.join('.')}: ${flawIn(issue)}`

function flawIn(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Expected ${issue.expected}`
    case 'invalid_value':
      return `Expected ${issue.values.join(' or ')}`
    case 'too_big':
      return `Too big: at most ${issue.maximum}${UNITS[issue.origin] ?? ''}`
    case 'too_small':
      return `Too small: at least ${issue.minimum}${UNITS[issue.origin] ?? ''}`
    case 'invalid_format':
      return `Does not match ${issue.pattern ?? issue.format}`
    default:
      return issue.message // that of the schema's own rule, where it has one
  }
}

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' items' }
