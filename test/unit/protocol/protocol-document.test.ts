/** PROTOCOL.md against the sources: each table of messages, records, limits and codes says what the code says. */
import { readFileSync } from 'node:fs'
import {
  ACTS,
  ARTIFACT_LIMITS,
  GATEWAY_ANSWERS,
  GATEWAY_CLOSE,
  GATEWAY_REQUESTS,
  ITEMS,
  LEDGER_LIMITS,
  MESSAGES,
  PATTERNS,
  SPACE_LIMITS,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { WIRE_CODES } from '../../../protocol/src/errors.ts'
import { sourceFiles } from '../../source-tree.ts'

const document = readFileSync(new URL('../../../protocol/PROTOCOL.md', import.meta.url), 'utf8')

/** The rows of the table under a heading: cells without backticks. */
function rowsUnder(heading: string): string[][] {
  const section = document.split(/^## /m).find(part => part.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`PROTOCOL.md has no section "${heading}"`)
  const rows = section.split('\n').filter(line => line.startsWith('|'))
  return rows.slice(2).map(row =>
    row
      .split('|')
      .slice(1, -1)
      .map(cell => cell.replaceAll('`', '').trim()),
  )
}

const PATTERN_NAMES = new Map([
  [PATTERNS.hash.source, 'b64u 32'],
  [PATTERNS.recordId.source, 'b64u 24'],
  [PATTERNS.logId.source, 'b64u 16'],
  [PATTERNS.messageId.source, '1..64 of A-Z a-z 0-9 _ -'],
  [PATTERNS.agentName.source, 'agent name'],
  [PATTERNS.agentId.source, 'agent id'],
])

interface Shape {
  type?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  items?: unknown
  const?: unknown
  enum?: unknown[]
}

/** A field's type and bounds in the words of PROTOCOL.md. */
function wordsFor(schema: z.ZodMiniType): string {
  if (schema instanceof z.ZodMiniOptional) return wordsFor(schema.def.innerType as z.ZodMiniType)
  if (schema instanceof z.ZodMiniCustom) {
    const [issue] = schema.safeParse(undefined).error?.issues ?? []
    return `bytes ${issue?.message.replace(/^(\d+) to (\d+) bytes$/, '$1..$2').replace(/ bytes$/, '')}`
  }
  if (schema instanceof z.ZodMiniTuple)
    return `[${schema.def.items.map(item => wordsFor(item as z.ZodMiniType)).join(', ')}]`
  if (schema instanceof z.ZodMiniUnion)
    return schema.def.options.map(option => wordsFor(option as z.ZodMiniType)).join(' or ')
  if (schema instanceof z.ZodMiniObject) return `{${fieldsOf(schema)}}`
  const shape = z.toJSONSchema(schema, { unrepresentable: 'any' }) as Shape
  if (schema instanceof z.ZodMiniArray)
    return `list ${shape.minItems ?? 0}..${shape.maxItems} of ${wordsFor(schema.def.element as z.ZodMiniType)}`
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.enum !== undefined) return shape.enum.map(value => JSON.stringify(value)).join(' or ')
  if (shape.pattern !== undefined) return PATTERN_NAMES.get(shape.pattern) ?? shape.pattern
  if (shape.type === 'string')
    return shape.minLength === shape.maxLength
      ? `text of ${shape.maxLength}`
      : `text ${shape.minLength ?? 0}..${shape.maxLength}`
  if (shape.type === 'integer' && shape.minimum === 0 && shape.maximum === Number.MAX_SAFE_INTEGER) return 'integer'
  if (shape.type === 'number' && shape.maximum === undefined)
    return shape.minimum === undefined ? 'number' : `number from ${shape.minimum}`
  if (shape.type === 'number' || shape.type === 'integer') return `${shape.minimum}..${shape.maximum}`
  return shape.type ?? 'JSON'
}

function fieldsOf(schema: z.ZodMiniObject): string {
  return Object.entries(schema.shape)
    .filter(([name]) => name !== 'agent' && name !== 'via')
    .map(
      ([name, field]) => `${name}${field instanceof z.ZodMiniOptional ? '?' : ''}: ${wordsFor(field as z.ZodMiniType)}`,
    )
    .join(', ')
}

/** What a table of kinds must hold: name and fields. */
const kinds = (schemas: Readonly<Record<string, z.ZodMiniObject>>) =>
  Object.entries(schemas).map(([name, schema]) => [name, fieldsOf(schema)])

describe('[D1.protocol] PROTOCOL.md', () => {
  it.each([
    ['Messages', MESSAGES],
    ['Acts', ACTS],
    ['Items', ITEMS],
    ['Gateway: requests', GATEWAY_REQUESTS],
    ['Gateway: answers', GATEWAY_ANSWERS],
  ])('%s: every one, with every field, type and bound', (heading, schemas) => {
    const rows = rowsUnder(heading)
    expect(rows.map(([name, fields]) => [name, fields])).toEqual(kinds(schemas))
    for (const [name, , meaning] of rows) expect(meaning, `${heading}: ${name}`).toMatch(/\w/)
  })

  it('every act carries agent and via, and the items named do not', () => {
    const without = Object.entries({ ...ACTS, ...ITEMS }).filter(([, schema]) => !('via' in schema.shape))
    const sentence = /All but ([^.]*?) may carry/.exec(document)?.[1] ?? ''
    expect(sentence.replaceAll('`', '').split(', ')).toEqual(without.map(([name]) => name))
  })

  it('limits: every one of the wire, of spaces and of ledgers', () => {
    const limits = {
      ...WIRE_LIMITS,
      ...mark('space', SPACE_LIMITS),
      ...mark('ledger', LEDGER_LIMITS),
      ...mark('artifact', ARTIFACT_LIMITS),
    }
    expect(rowsUnder('Limits').map(([name, value]) => [name, Number(value?.replaceAll(' ', ''))])).toEqual(
      Object.entries(limits),
    )
  })

  it('gateway: every close code, and its promises in order, each cited by a test', () => {
    const codes = rowsUnder('Gateway: close codes').map(([code]) => Number(code))
    expect(codes).toEqual(Object.values(GATEWAY_CLOSE))
    const promises = rowsUnder('The gateway').map(([id]) => id)
    expect(promises).toEqual(promises.map((_, i) => `GW-${i + 1}`))
    const tests = sourceFiles('test').filter(({ path }) => path.endsWith('.test.ts'))
    const cited = new Set(tests.flatMap(({ text }) => text.match(/(?<=\[)GW-\d+(?=\])/g) ?? []))
    expect([...cited].sort()).toEqual([...promises].sort())
  })

  it('errors: every wire code', () => {
    expect(rowsUnder('Errors').map(([code]) => code)).toEqual([...WIRE_CODES])
  })
})

const mark = (prefix: string, limits: object) =>
  Object.fromEntries(Object.entries(limits).map(([name, value]) => [`${prefix}.${name}`, value]))
